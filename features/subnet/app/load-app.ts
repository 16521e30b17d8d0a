import path from '#path'
import { Contract } from '../../../src/app/contract.ts'
import { Feature, type FeatureHost } from '../../../src/app/feature.ts'
import { Protocol, type ProtocolBase, type ProtocolPeer } from '../../../src/app/protocol.ts'
import { IntercomError, messageOf, systemCode } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { printable, quoted } from '../../../src/base/text.ts'
import { type AppFiles, assertBuilt, findApp, hashSources, readSources, sourcesOf } from './files.ts'
import { type AppFinding, findingsOf } from './findings.ts'

export { type AppFinding, findingsText } from './findings.ts'

export interface LoadedApp {
  readonly name: string
  readonly version: string
  /** Of its source files: peers with another one may come to another state. */
  readonly hash: Hex32
  /** What the contract, and what it imports, may take from outside the state. */
  readonly findings: readonly AppFinding[]
  /** By name; they run on the admin's peer. */
  readonly features: Readonly<Record<string, (host: FeatureHost) => Feature>>
  createProtocol(peer: ProtocolPeer, base: ProtocolBase): Protocol
  /** A new one with each call. */
  createContract(protocol: Protocol): Contract
}

type Exports = Readonly<Record<string, unknown>>
type ContractClass = new (protocol: Protocol, options: object) => Contract
type FeatureClass = new (host: FeatureHost, options: object) => Feature
type ProtocolClass = new (peer: ProtocolPeer, base: ProtocolBase, options: object) => Protocol

const LONGEST_NAME = 256

/** The app in a folder; null stands for the project's own. */
export async function loadApp(folder: string | null): Promise<LoadedApp> {
  const files = findApp(folder)
  const contractSources = readSources(files.folder, [`contract${files.extension}`])
  const sources = sourcesOf(files.folder, files.extension)
  assertBuilt(files, sources)
  const contract = await importFrom(files, 'contract.js')
  const protocol = await importFrom(files, 'protocol.js')
  const ContractOfApp = classOf<ContractClass>(contract, Contract, files, 'contract')
  const ProtocolOfApp = classOf<ProtocolClass>(protocol, Protocol, files, 'protocol')
  return Object.freeze({
    ...describe(contract.app, files, ContractOfApp.name),
    hash: hashSources(sources),
    findings: findingsOf(files.folder, contractSources),
    features: featuresOf(protocol.features, files),
    createProtocol: (peer: ProtocolPeer, base: ProtocolBase) =>
      create(files, 'protocol', () => new ProtocolOfApp(peer, base, {})),
    createContract: (own: Protocol) => create(files, 'contract', () => new ContractOfApp(own, {}))
  })
}

async function importFrom(files: AppFiles, name: string): Promise<Exports> {
  const file = path.join(files.built, name)
  try {
    return await import(fileUrl(file))
  } catch (error) {
    const [reason = ''] = messageOf(error).split('\n')
    const next = stepAfter(error)
    throw new IntercomError('app_broken', `${quoted(file, 300)} cannot be loaded: ${printable(reason)}`, {
      cause: error,
      ...(next === null ? {} : { next })
    })
  }
}

function stepAfter(error: unknown): string | null {
  // Neither runtime says where it is.
  if (error instanceof SyntaxError)
    return 'See "node --check <file>" for it and what it imports. Outside the project, a package.json has to say "type": "module".'
  if (systemCode(error)?.endsWith('MODULE_NOT_FOUND') !== true) return null
  return 'Keep the folder inside the project, where intercom/app and trac-peer are found; docs/apps.md has more.'
}

/** As `import` takes it on every system. */
function fileUrl(file: string): string {
  const parts = path.resolve(file).split(path.sep)
  const [drive = '', ...rest] = parts
  return `file://${drive === '' ? '' : `/${drive}`}/${rest.map(encodeURIComponent).join('/')}`
}

/** The default export, or the only one that fits. */
function classOf<T>(
  exports: Exports,
  base: typeof Contract | typeof Protocol,
  files: AppFiles,
  what: string
): T {
  const fits = (value: unknown) => isClassOf(value, base)
  if (fits(exports.default)) return exports.default as T
  const fitting = [...new Set(Object.values(exports).filter(fits))]
  if (fitting.length === 1) return fitting[0] as T
  const file = quoted(path.join(files.folder, what + files.extension), 300)
  if (fitting.length > 1) {
    throw new IntercomError('app_broken', `${file} exports more than one ${base.name}.`, {
      next: 'Export the one of the app as default.'
    })
  }
  throw new IntercomError('app_broken', `${file} exports no class that extends ${base.name}.`, {
    next: `Write: import { ${base.name} } from 'intercom/app', then export default class … extends ${base.name}.`
  })
}

function isClassOf(value: unknown, base: typeof Contract | typeof Protocol | typeof Feature): boolean {
  return typeof value === 'function' && value.prototype instanceof base
}

/** What the protocol exports as `features`: classes by name. */
function featuresOf(given: unknown, files: AppFiles): LoadedApp['features'] {
  const entries = Object.entries(given ?? {})
  for (const [name, value] of entries) {
    if (isName(name) && isClassOf(value, Feature)) continue
    throw new IntercomError(
      'app_broken',
      `The feature ${quoted(name)} of ${quoted(files.folder, 300)} is none.`,
      {
        next: "Write in the protocol: export const features = { weather: Weather }, with classes that extend Feature of 'intercom/app'."
      }
    )
  }
  const made = entries.map(([name, value]) => {
    const FeatureOfApp = value as FeatureClass
    return [name, (host: FeatureHost) => create(files, `feature ${name}`, () => new FeatureOfApp(host, {}))]
  })
  return Object.freeze(Object.fromEntries(made))
}

/** What the contract exports as `app`, or what can be guessed. */
function describe(
  given: unknown,
  { folder }: AppFiles,
  className: string
): { name: string; version: string } {
  const named = className !== '' && className !== 'default' ? className : path.basename(folder)
  const { name = named.slice(0, LONGEST_NAME), version = '1' } = (given ?? {}) as {
    name?: unknown
    version?: unknown
  }
  if (isName(name) && isName(version)) return { name, version }
  throw new IntercomError(
    'app_broken',
    `The contract in ${quoted(folder, 300)} exports an app that is none.`,
    {
      next: `Write: export const app = { name: 'my-app', version: '1' }, texts of 1-${LONGEST_NAME} characters.`
    }
  )
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= LONGEST_NAME
}

function create<T>({ folder }: AppFiles, what: string, make: () => T): T {
  try {
    return make()
  } catch (error) {
    const reason = printable(messageOf(error))
    throw new IntercomError(
      'app_broken',
      `The ${what} of ${quoted(folder, 300)} cannot be made: ${reason}.`,
      {
        cause: error
      }
    )
  }
}
