import b4a from 'b4a'
import path from '#path'
import { jsonDepthWithin } from '../base/depth.ts'
import { IntercomError, messageOf, notJson, systemCode } from '../base/errors.ts'
import { readSmallFile } from '../base/small-file.ts'
import { nearest, printable, quoted } from '../base/text.ts'
import { type Argv, parseArgv } from './argv.ts'
import {
  type Config,
  environmentNames,
  FLAG_KEYS,
  FLAG_NAMES,
  type FlagKey,
  flagName,
  flagSpec,
  PLANES
} from './flags.ts'
import type { Subcommand } from './subcommands.ts'
import { readValueFile } from './value-file.ts'

export type Source = 'flag' | 'environment' | 'config file' | 'label' | 'default'

export interface Resolved {
  readonly subcommand: Subcommand
  readonly args: Argv['args']
  readonly config: Config
  readonly sources: Readonly<Record<FlagKey, Source>>
  /** Flags that were set although their plane is not in this version. */
  readonly idle: readonly FlagKey[]
  /** Files behind an `@` that hold a secret. */
  readonly secretFiles: readonly string[]
}

export type Environment = Readonly<Record<string, string | undefined>>

export const CONFIG_FILE = 'config.json'

/** Keys of config.json that are not flags: they are the first run's business. */
const OTHER_CONFIG_KEYS = new Set(['firstRun'])

/** Flag, environment, config file, default: the first that says something wins. Reads files, writes nothing. */
export function resolveConfig(
  words: readonly string[],
  environment: Environment,
  options: { readonly withoutFile?: boolean } = {}
): Resolved {
  const argv = parseArgv(words)
  const values: Partial<Record<FlagKey, unknown>> = {}
  const sources: Partial<Record<FlagKey, Source>> = {}

  const secretFiles: string[] = []
  const onfile = (key: FlagKey, file: string) => {
    if (flagSpec(key).secret) secretFiles.push(file)
  }

  const settle = (key: FlagKey, around: Environment, file: ConfigFile) => {
    const found = lookUp(key, argv, around, file)
    values[key] = found ? parseValue(key, found, onfile) : flagSpec(key).default
    sources[key] = found?.source ?? 'default'
  }

  // These two are only on the command line, and answer whatever is wrong with the rest.
  for (const key of ['help', 'version'] as const) settle(key, {}, NO_FILE)
  const answers = values.help === true || values.version === true
  const around = answers ? {} : environment

  // Where the config file lies depends on these two, so they come first and cannot stand in it.
  for (const key of ['peerStoresDirectory', 'peerStoreName'] as const) settle(key, around, NO_FILE)
  const folder = path.join(String(values.peerStoresDirectory), String(values.peerStoreName))
  const file = answers || options.withoutFile ? NO_FILE : readConfigFile(folder)
  for (const key of FLAG_KEYS) settle(key, around, file)

  const config = Object.freeze(values) as Config
  checkTogether(config)
  const idle = FLAG_KEYS.filter((key) => sources[key] !== 'default' && !PLANES[flagSpec(key).plane].here)
  const { subcommand, args } = argv
  return { subcommand, args, config, sources: sources as Record<FlagKey, Source>, idle, secretFiles }
}

/** Which store is meant: the rest of the configuration, and whether it can be read at all, does not matter here. */
export function resolveStore(
  argv: Argv,
  environment: Environment
): Pick<Config, 'help' | 'version' | 'peerStoresDirectory' | 'peerStoreName'> {
  const settled = <K extends FlagKey>(key: K, around: Environment) => {
    const found = lookUp(key, argv, around, NO_FILE)
    return (found ? parseValue(key, found) : flagSpec(key).default) as Config[K]
  }
  const help = settled('help', {})
  const version = settled('version', {})
  const around = help || version ? {} : environment
  return {
    help,
    version,
    peerStoresDirectory: settled('peerStoresDirectory', around),
    peerStoreName: settled('peerStoreName', around)
  }
}

interface ConfigFile {
  readonly path: string
  readonly values: ReadonlyMap<FlagKey, unknown>
}

const NO_FILE: ConfigFile = { path: '', values: new Map() }

interface Found {
  /** Text; from a config file anything that JSON can hold. */
  readonly value: unknown
  readonly source: Source
  /** How an error names the place: `--flag`, `NAME`, `"flag" in stores/a/config.json`. */
  readonly where: string
}

function lookUp(key: FlagKey, argv: Argv, environment: Environment, file: ConfigFile): Found | null {
  const given = argv.flags.get(key)
  if (given) return { value: given.text, source: 'flag', where: `--${given.as}` }
  for (const name of environmentNames(key)) {
    const text = environment[name]
    if (text !== undefined && text !== '') return { value: text, source: 'environment', where: name }
  }
  if (key === 'peerStoreName' && argv.label !== null)
    return { value: argv.label, source: 'label', where: 'label' }
  const value = file.values.get(key)
  return value === undefined ? null : foundIn(file, key, value)
}

function foundIn({ path: filePath }: ConfigFile, key: FlagKey, value: unknown): Found {
  return { value, source: 'config file', where: `"${flagName(key)}" in ${filePath}` }
}

/** Throws what a start would say of a config file that is this text. */
export function checkConfigText(content: string, name: string): void {
  const file = { path: name, values: parseConfigFile(content, name) }
  for (const [key, value] of file.values) parseValue(key, foundIn(file, key, value))
}

function parseValue(
  key: FlagKey,
  { value: given, where }: Found,
  onfile: (key: FlagKey, file: string) => void = () => {}
): unknown {
  const { type, secret } = flagSpec(key)
  // A string parses the same wherever it stands.
  const value = type.fromJson(given, (file) => {
    onfile(key, file)
    return readValueFile(file, (why) => {
      const message = `Invalid ${where}. ${type.expects} Cannot read ${quoted(`@${file}`)} (${why}).`
      return new IntercomError('bad_flag', message)
    })
  })
  if (value === undefined) {
    const got = secret ? 'a value that does not fit' : shown(given)
    throw new IntercomError('bad_flag', `Invalid ${where}. ${type.expects} Got ${got}.`)
  }
  return value
}

function shown(given: unknown): string {
  return typeof given === 'string' ? quoted(given) : quoted(JSON.stringify(given)).slice(1, -1)
}

/** A store that was just made has moved files it did not know into its db folder: look there too. */
export function configFilePlaces(folder: string): readonly string[] {
  return [path.join(folder, CONFIG_FILE), path.join(folder, 'db', CONFIG_FILE)]
}

function readConfigFile(folder: string): ConfigFile {
  for (const filePath of configFilePlaces(folder)) {
    let content: string
    try {
      content = readSmallFile(filePath)
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') continue
      const why = systemCode(error) ?? messageOf(error)
      throw new IntercomError('bad_config_file', `Cannot read ${printable(filePath)} (${why}).`, {
        cause: error,
        ...(why === 'EACCES' ? { next: 'Act as the user who runs the node, or check who may read it.' } : {})
      })
    }
    return { path: printable(filePath), values: parseConfigFile(content, printable(filePath)) }
  }
  return NO_FILE
}

function parseConfigFile(content: string, filePath: string): ReadonlyMap<FlagKey, unknown> {
  if (!jsonDepthWithin(b4a.from(content))) {
    throw new IntercomError('bad_config_file', `${filePath} is nested too deep.`)
  }
  let entries: unknown
  try {
    entries = JSON.parse(content)
  } catch (error) {
    throw new IntercomError('bad_config_file', `${filePath} is not JSON (${notJson(error)}).`)
  }
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) {
    throw new IntercomError('bad_config_file', `${filePath} must hold one object of flags and values.`)
  }
  const file = new Map<FlagKey, unknown>()
  for (const [name, value] of Object.entries(entries)) {
    if (OTHER_CONFIG_KEYS.has(name)) continue
    const key = FLAG_NAMES.get(name)
    if (key === undefined) {
      const meant = nearest(name, FLAG_NAMES.keys())
      const hint = meant.length > 0 ? ` Did you mean ${meant.map((near) => `"${near}"`).join(' or ')}?` : ''
      throw new IntercomError('bad_config_file', `Unknown flag ${quoted(name)} in ${filePath}.${hint}`)
    }
    if (flagSpec(key).commandLineOnly) {
      throw new IntercomError(
        'bad_config_file',
        `"${name}" in ${filePath} has no effect there: give it on the command line.`
      )
    }
    if (value !== null) file.set(key, value)
  }
  return file
}

/** What no flag can say of itself alone. */
export function checkTogether(config: Config): void {
  if (config.subnetBootstrap !== null && config.subnetBootstrap === config.msbBootstrap) {
    throw new IntercomError('bad_flag', 'Subnet bootstrap cannot equal MSB bootstrap.', {
      next: 'Give --subnet-bootstrap the Peer Writer key of the admin of your subnet.'
    })
  }
  if (config.rpc && !config.subnet) {
    throw new IntercomError('bad_flag', '--rpc 1 serves the subnet, which --subnet 0 turns off.', {
      next: 'Leave out one of the two.'
    })
  }
  if (config.rpcAllowOrigin === '*' && !config.rpcPublic) {
    throw new IntercomError(
      'bad_flag',
      '--rpc-allow-origin * lets every web page ask: it needs --rpc-public 1.',
      {
        next: 'Name the one origin that may ask, such as https://app.example.'
      }
    )
  }
}
