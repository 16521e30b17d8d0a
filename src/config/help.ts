import { printable } from '../base/text.ts'
import {
  type Config,
  environmentNames,
  FLAG_KEYS,
  type FlagKey,
  flagName,
  flagSpec,
  PLANES,
  type Plane
} from './flags.ts'
import type { Source } from './resolve.ts'
import {
  isBridgeSubcommand,
  SUBCOMMAND_NAMES,
  type Subcommand,
  subcommandRow,
  usageOf
} from './subcommands.ts'

const WIDTH = 100
const INDENT = 4

export function helpText(): string {
  const lines = [
    'Intercom: a peer-to-peer node for agents and people.',
    '',
    'Usage: npm start -- [subcommand] [flags]',
    '',
    'Subcommands',
    ...subcommandList((name) => !isBridgeSubcommand(name)),
    '',
    'Subcommands for a node that runs with --sc-bridge 1 (npm start -- send --help explains one)',
    ...subcommandList(isBridgeSubcommand)
  ]
  for (const plane of Object.keys(PLANES) as Plane[]) {
    lines.push('', planeTitle(plane))
    for (const key of flagsOf(plane)) lines.push(...flagHelp(key))
  }
  lines.push(
    '',
    ...wrap(
      'A flag wins over its environment name, that over stores/<peer>/config.json, that over the default. ' +
        'Values of lists, maps and keys may be @file. The environment names are in docs/reference/flags.md.',
      0
    )
  )
  return lines.join('\n')
}

function subcommandList(belongs: (name: Subcommand) => boolean): string[] {
  const width = Math.max(...SUBCOMMAND_NAMES.map((name) => usageOf(name).length))
  return SUBCOMMAND_NAMES.filter(belongs).map(
    (name) => `  ${usageOf(name).padEnd(width)}  ${subcommandRow(name).help}`
  )
}

export function planeTitle(plane: Plane): string {
  const { title, here } = PLANES[plane]
  return here ? title : `${title} (not in this version)`
}

export function flagsOf(plane: Plane): FlagKey[] {
  return FLAG_KEYS.filter((key) => flagSpec(key).plane === plane)
}

/** The default as it would be typed, or nothing. */
export function defaultText(key: FlagKey): string {
  const { type, default: value } = flagSpec(key)
  return value === null ? '' : type.show(value)
}

function flagHelp(key: FlagKey): string[] {
  const { type, help, aliases } = flagSpec(key)
  const names = [flagName(key), ...(aliases ?? [])].map((name) => `--${name}`).join(', ')
  const value = defaultText(key)
  const suffix = value === '' ? '' : ` (default ${value})`
  return [`  ${names} ${type.hint}`, ...wrap(help + suffix, INDENT + 2)]
}

export function wrap(text: string, indent: number, width: number = WIDTH): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > width) {
      lines.push(' '.repeat(indent) + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(' '.repeat(indent) + line)
  return lines
}

/** `--print-config`: one line a flag, secrets masked. */
export function configText(config: Config, sources: Readonly<Record<FlagKey, Source>>): string {
  const rows = FLAG_KEYS.filter((key) => !isRunOnly(key)).map((key) => [
    flagName(key),
    shownValue(key, config[key]),
    sources[key]
  ])
  const widths = [0, 1].map((column) =>
    Math.max(...rows.map((row) => Math.min(row[column]?.length ?? 0, 48)))
  )
  return rows
    .map(
      ([name = '', value = '', source = '']) =>
        `${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${source}`
    )
    .join('\n')
}

function isRunOnly(key: FlagKey): boolean {
  return key === 'help' || key === 'version' || key === 'printConfig'
}

function shownValue(key: FlagKey, value: unknown): string {
  const { type, secret } = flagSpec(key)
  if (value === null) return '-'
  return secret ? '(secret)' : printable(type.show(value))
}

/** Markdown reference of every flag. */
export function flagsMarkdown(): string {
  const out = [
    '# Flags',
    '',
    'Made from the table in `src/config/flags.ts` by `npm run docs`; do not edit by hand.',
    '',
    'A flag on the command line wins over its environment name, that over `stores/<peer>/config.json` (an object of',
    'flag names and values), that over the default. `--x 1`, `--x=1` and, for booleans, a bare `--x` are the same.',
    'Booleans are `0 1 true false yes no on off`. Values of lists, maps, keys and welcomes may be `@file`.',
    '',
    'A text in `config.json` is what would be typed. Otherwise a boolean is `true`, `false`, `0` or `1`, a number is a',
    'number, a list an array of texts (each of them one item), a map an object (each key one channel), and the tokens',
    'of the bridge are an object. `null` leaves a flag as it is.',
    ''
  ]
  for (const plane of Object.keys(PLANES) as Plane[]) {
    out.push(
      `## ${planeTitle(plane)}`,
      '',
      '| flag | value | default | environment | meaning |',
      '| --- | --- | --- | --- | --- |'
    )
    for (const key of flagsOf(plane)) {
      const { type, help, aliases } = flagSpec(key)
      const names = [flagName(key), ...(aliases ?? [])].map((name) => `\`--${name}\``).join(' ')
      const value = defaultText(key)
      const cells = [
        names,
        code(type.hint),
        value === '' ? '' : code(value),
        environmentNames(key).map(code).join(' '),
        help.replaceAll('<', '&lt;')
      ]
      out.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    }
    out.push('')
  }
  return out.join('\n')
}

function code(text: string): string {
  return `\`${text}\``
}
