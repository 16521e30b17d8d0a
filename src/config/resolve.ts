import fs from '#fs'
import path from '#path'
import { IntercomError, messageOf, systemCode } from '../base/errors.ts'
import { nearest, printable, quoted } from '../base/text.ts'
import { type Argv, parseArgv, type Subcommand } from './argv.ts'
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

export type Source = 'flag' | 'environment' | 'config file' | 'label' | 'default'

export interface Resolved {
  readonly subcommand: Subcommand
  readonly config: Config
  readonly sources: Readonly<Record<FlagKey, Source>>
  /** Flags that were set although their plane is not in this version. */
  readonly idle: readonly FlagKey[]
}

export type Environment = Readonly<Record<string, string | undefined>>

// Big enough for any welcome, invite or list; a flag that names a device or a log is a mistake.
const LARGEST_FILE = 1024 * 1024

/** Keys of config.json that are not flags: they are the first run's business. */
const OTHER_CONFIG_KEYS = new Set(['firstRun'])

/** Flag, environment, config file, default: the first that says something wins. Reads files, writes nothing. */
export function resolveConfig(words: readonly string[], environment: Environment): Resolved {
  const argv = parseArgv(words)
  const values: Partial<Record<FlagKey, unknown>> = {}
  const sources: Partial<Record<FlagKey, Source>> = {}

  const settle = (key: FlagKey, file: ReadonlyMap<FlagKey, string>, filePath: string) => {
    const found = lookUp(key, argv, environment, file, filePath)
    values[key] = found ? parseValue(key, found.text, found.where) : flagSpec(key).default
    sources[key] = found?.source ?? 'default'
  }

  // Where the config file lies depends on these two, so they come first and cannot stand in it.
  settle('peerStoresDirectory', new Map(), '')
  settle('peerStoreName', new Map(), '')
  const folder = path.join(String(values.peerStoresDirectory), String(values.peerStoreName))
  const { file, filePath } = readConfigFile(folder)
  for (const key of FLAG_KEYS) settle(key, file, filePath)

  const config = Object.freeze(values) as Config
  checkTogether(config)
  const idle = FLAG_KEYS.filter((key) => sources[key] !== 'default' && !PLANES[flagSpec(key).plane].here)
  return { subcommand: argv.subcommand, config, sources: sources as Record<FlagKey, Source>, idle }
}

interface Found {
  readonly text: string
  readonly source: Source
  /** How an error names the place: `--flag`, `NAME`, `"flag" in stores/a/config.json`. */
  readonly where: string
}

function lookUp(
  key: FlagKey,
  argv: Argv,
  environment: Environment,
  file: ReadonlyMap<FlagKey, string>,
  filePath: string
): Found | null {
  const given = argv.flags.get(key)
  if (given) return { text: given.text, source: 'flag', where: `--${given.as}` }
  for (const name of environmentNames(key)) {
    const text = environment[name]
    if (text !== undefined && text !== '') return { text, source: 'environment', where: name }
  }
  if (key === 'peerStoreName' && argv.label !== null)
    return { text: argv.label, source: 'label', where: 'label' }
  const text = file.get(key)
  if (text !== undefined) return { text, source: 'config file', where: `"${flagName(key)}" in ${filePath}` }
  return null
}

function parseValue(key: FlagKey, text: string, where: string): unknown {
  const { type, secret } = flagSpec(key)
  const got = secret ? 'Got a value that does not fit.' : `Got ${quoted(text)}.`
  const readFile = (file: string): string => readValueFile(file, where, type.expects)
  const value = type.parse(type.file && text.startsWith('@') ? readFile(text.slice(1)) : text, readFile)
  if (value === undefined) throw new IntercomError('bad_flag', `Invalid ${where}. ${type.expects} ${got}`)
  return value
}

function readValueFile(file: string, where: string, expects: string): string {
  try {
    const stat = fs.statSync(file)
    if (!stat.isFile()) throw new Error('not a file')
    if (stat.size > LARGEST_FILE) throw new Error(`larger than ${LARGEST_FILE} bytes`)
    return fs.readFileSync(file, 'utf-8').trim()
  } catch (error) {
    const why = systemCode(error) ?? messageOf(error)
    throw new IntercomError(
      'bad_flag',
      `Invalid ${where}. ${expects} Cannot read ${quoted(`@${file}`)} (${why}).`
    )
  }
}

/** A store that was just made has moved files it did not know into its db folder: look there too. */
function readConfigFile(folder: string): { file: ReadonlyMap<FlagKey, string>; filePath: string } {
  for (const filePath of [path.join(folder, 'config.json'), path.join(folder, 'db', 'config.json')]) {
    let content: string
    try {
      content = fs.readFileSync(filePath, 'utf-8')
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') continue
      const why = systemCode(error) ?? messageOf(error)
      throw new IntercomError('bad_config_file', `Cannot read ${printable(filePath)} (${why}).`, {
        cause: error
      })
    }
    return { file: parseConfigFile(content, printable(filePath)), filePath: printable(filePath) }
  }
  return { file: new Map(), filePath: '' }
}

function parseConfigFile(content: string, filePath: string): ReadonlyMap<FlagKey, string> {
  let entries: unknown
  try {
    entries = JSON.parse(content)
  } catch (error) {
    // Some of these messages quote the file, and it may hold a token.
    const why = printable(messageOf(error).replace(/, (\.\.\.)?".*$/s, ''))
    throw new IntercomError('bad_config_file', `${filePath} is not JSON (${why}).`)
  }
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries)) {
    throw new IntercomError('bad_config_file', `${filePath} must hold one object of flags and values.`)
  }
  const file = new Map<FlagKey, string>()
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
    if (value !== null) file.set(key, configText(value, name, filePath))
  }
  return file
}

/** Values may be written as JSON has them: numbers, booleans, lists, maps of channels. */
function configText(value: unknown, name: string, filePath: string): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(',')
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const entries = Object.entries(value)
    if (entries.every(([, item]) => typeof item === 'string'))
      return entries.map((pair) => pair.join(':')).join(',')
  }
  throw new IntercomError(
    'bad_config_file',
    `Invalid "${name}" in ${filePath}. Expected text, a number, true, false, a list or a map of texts.`
  )
}

function checkTogether(config: Config): void {
  if (config.subnetBootstrap !== null && config.subnetBootstrap === config.msbBootstrap) {
    throw new IntercomError('bad_flag', 'Subnet bootstrap cannot equal MSB bootstrap.', {
      next: 'Give --subnet-bootstrap the Peer Writer key of the admin of your subnet.'
    })
  }
}
