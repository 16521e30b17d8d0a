import { IntercomError } from '../base/errors.ts'
import { nearest, quoted } from '../base/text.ts'
import { FLAG_NAMES, type FlagKey, flagName, flagSpec } from './flags.ts'
import {
  ANSWERED_FLAGS,
  CONNECTION_FLAG_KEYS,
  isBridgeSubcommand,
  SUBCOMMAND_NAMES,
  type Subcommand,
  subcommandOf,
  subcommandRow,
  usageOf
} from './subcommands.ts'
import { bool, isBooleanWord, label, type ValueType } from './types.ts'

export interface Argv {
  readonly subcommand: Subcommand
  /** The store named after a subcommand that takes one. */
  readonly label: string | null
  readonly flags: ReadonlyMap<FlagKey, { readonly text: string; readonly as: string }>
  /** Of the subcommand. Only what takes the rest has more than one. */
  readonly args: ReadonlyMap<string, readonly string[]>
}

/** Splits the command line into subcommand, label, arguments and flags with their texts; checks no values. */
export function parseArgv(words: readonly string[]): Argv {
  const at = subcommandAt(words)
  const named = at === -1 ? null : subcommandOf(words.slice(at))
  if (at !== -1 && named === null) throw unknownSubcommand(words[at] ?? '')
  const subcommand = named ?? 'start'
  const behind = named === null ? at : at + named.split(' ').length
  const asks = isBridgeSubcommand(subcommand)
  const { args: table, passesFlags } = subcommandRow(subcommand)
  const flags = new Map<FlagKey, { text: string; as: string }>()
  const args = new Map<string, string[]>()
  const rest: string[] = []

  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (i >= at && i < behind) continue
    if (asks && word === '--') {
      rest.push(...words.slice(i + 1))
      break
    }
    if (!isDashed(word)) {
      rest.push(word)
      continue
    }
    const flag = readFlag(word)
    const argument = Object.hasOwn(table, flag.name) ? table[flag.name] : undefined
    const key = argument === undefined ? flag.key : undefined
    if (argument === undefined && (key === undefined || (asks && !isTaken(key)))) {
      if (passesFlags && rest.length > 0) rest.push(word)
      else throw key === undefined ? unknownFlag(word, subcommand) : idleFlag(flag.name, subcommand)
      continue
    }
    const type = argument?.type ?? flagSpec(key as FlagKey).type
    const value = readValue(flag, type, words[i + 1])
    if (value.takesNext) i++
    if (key !== undefined) flags.set(key, { text: value.text, as: flag.name })
    else
      args.set(
        flag.name,
        argument?.place === 'rest' ? [...(args.get(flag.name) ?? []), value.text] : [value.text]
      )
  }
  if (asks) placeWords(subcommand, rest, args)
  return { subcommand, label: asks ? null : labelOf(subcommand, rest), flags, args }
}

/** The subcommand that is asked for, when that can be told; what is wrong with the rest is for `parseArgv` to say. */
export function findSubcommand(words: readonly string[]): Subcommand | null {
  const at = subcommandAt(words)
  return at === -1 ? null : subcommandOf(words.slice(at))
}

/** Every flag of every subcommand, by its name: those of one name take a value or none alike. */
const EVERY_ARGUMENT: ReadonlyMap<string, ValueType<unknown>> = new Map(
  SUBCOMMAND_NAMES.flatMap((name) =>
    Object.entries(subcommandRow(name).args).map(([key, { type }]) => [key, type] as const)
  )
)

/** Where the first word stands that is neither flag nor value of one; -1 where none does. */
function subcommandAt(words: readonly string[]): number {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (!isDashed(word)) return i
    const flag = readFlag(word)
    const type = flag.key === undefined ? EVERY_ARGUMENT.get(flag.name) : flagSpec(flag.key).type
    if (type === undefined) return -1
    if (flag.text === undefined && takesNext(type, words[i + 1])) i++
  }
  return -1
}

/** A lone dash is a word: it stands for standard input. */
function isDashed(word: string): boolean {
  return /^-./s.test(word)
}

interface Flag {
  readonly name: string
  /** `undefined`: it is not one of the node's. */
  readonly key: FlagKey | undefined
  readonly text: string | undefined
}

function readFlag(word: string): Flag {
  if (word === '-h' || word === '-v')
    return { name: word, key: word === '-h' ? 'help' : 'version', text: '1' }
  if (!word.startsWith('--')) return { name: '', key: undefined, text: undefined }
  const equals = word.indexOf('=')
  const name = equals === -1 ? word.slice(2) : word.slice(2, equals)
  return { name, key: FLAG_NAMES.get(name), text: equals === -1 ? undefined : word.slice(equals + 1) }
}

function takesNext(type: ValueType<unknown>, next: string | undefined): boolean {
  if (next === undefined) return false
  return type === (bool as unknown) ? isBooleanWord(next) : !next.startsWith('--')
}

function readValue(
  { name, text }: Flag,
  type: ValueType<unknown>,
  next: string | undefined
): { text: string; takesNext: boolean } {
  if (text !== undefined) return { text, takesNext: false }
  if (next !== undefined && takesNext(type, next)) return { text: next, takesNext: true }
  if (type === (bool as unknown)) return { text: '1', takesNext: false }
  throw new IntercomError('bad_flag', `Invalid --${name}. ${type.expects} Got no value.`)
}

/** Words without a name go, in order, where no name was given. */
function placeWords(subcommand: Subcommand, words: readonly string[], args: Map<string, string[]>): void {
  let next = 0
  for (const [key, { place }] of Object.entries(subcommandRow(subcommand).args)) {
    if (place === 'none' || next >= words.length) continue
    if (place === 'rest') {
      args.set(key, [...(args.get(key) ?? []), ...words.slice(next)])
      return
    }
    if (!args.has(key)) args.set(key, [words[next++] ?? ''])
  }
  const extra = words[next]
  if (extra === undefined) return
  throw new IntercomError('unknown_word', `Unexpected word ${quoted(extra)} after "${subcommand}".`, {
    next: `Usage: ${usageOf(subcommand)}. A text with blanks goes in quotes.`
  })
}

function labelOf(subcommand: Subcommand, words: readonly string[]): string | null {
  const [first, second] = words
  const extra = subcommandRow(subcommand).takesStore ? second : first
  if (extra !== undefined) {
    throw new IntercomError('unknown_word', `Unexpected word ${quoted(extra)} after "${subcommand}".`)
  }
  if (first !== undefined && label.parse(first, String) === undefined) {
    throw new IntercomError('unknown_word', `Invalid store name ${quoted(first)}. ${label.expects}`)
  }
  return first ?? null
}

/** Whether a subcommand that asks a running node makes something of this flag. */
function isTaken(key: FlagKey): boolean {
  return [...CONNECTION_FLAG_KEYS, ...ANSWERED_FLAGS].some((known) => known === key)
}

function unknownSubcommand(word: string): IntercomError {
  const meant = nearest(word, SUBCOMMAND_NAMES).map((name) => `"${name}"`)
  const hint = meant.length > 0 ? ` Did you mean ${meant.join(' or ')}?` : ''
  return new IntercomError(
    'unknown_word',
    `Unknown subcommand ${quoted(word)}.${hint} Known: ${SUBCOMMAND_NAMES.join(', ')}.`
  )
}

function unknownFlag(word: string, subcommand: Subcommand): IntercomError {
  // What follows an equals sign may be a secret.
  const shown = word.startsWith('--') ? word.replace(/=.*$/s, '') : word
  const asks = isBridgeSubcommand(subcommand)
  const names = [
    ...Object.keys(subcommandRow(subcommand).args),
    ...(asks ? [...CONNECTION_FLAG_KEYS.map(flagName), 'help'] : FLAG_NAMES.keys())
  ]
  const meant = nearest(shown.replace(/^--?/, ''), names).map((near) => `--${near}`)
  const hint = meant.length > 0 ? ` Did you mean ${meant.join(' or ')}?` : ''
  const message = `Unknown flag ${quoted(shown).slice(1, -1)}.${hint}`
  return new IntercomError('unknown_flag', message, asks ? { next: seeHelp(subcommand) } : {})
}

/** A flag of the node that means nothing to this subcommand. */
export function idleFlag(name: string, subcommand: Subcommand): IntercomError {
  return new IntercomError('unknown_flag', `--${name} has no effect on "${subcommand}".`, {
    next: `It belongs to the start of a node. ${seeHelp(subcommand)}`
  })
}

/** The step after a mistake in what a subcommand was given. */
export function seeHelp(subcommand: Subcommand): string {
  return `Run with "${subcommand} --help" to see what it takes.`
}
