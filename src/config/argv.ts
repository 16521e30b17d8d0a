import { IntercomError } from '../base/errors.ts'
import { nearest, quoted } from '../base/text.ts'
import { FLAG_NAMES, type FlagKey, flagSpec } from './flags.ts'
import { bool, isBooleanWord, label } from './types.ts'

export const SUBCOMMANDS = {
  start: 'Start the node (the default). A word after it names the store.',
  dht: 'Run only a DHT bootstrap node on loopback, for peers with --local.'
} as const

export type Subcommand = keyof typeof SUBCOMMANDS

export interface Argv {
  readonly subcommand: Subcommand
  /** The store named after `start`. */
  readonly label: string | null
  readonly flags: ReadonlyMap<FlagKey, { readonly text: string; readonly as: string }>
}

/** Splits the command line into subcommand, label and flags with their texts; checks no values. */
export function parseArgv(words: readonly string[]): Argv {
  const flags = new Map<FlagKey, { text: string; as: string }>()
  const rest: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (word === '-h' || word === '-v') {
      flags.set(word === '-h' ? 'help' : 'version', { text: '1', as: word })
    } else if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      const name = equals === -1 ? word.slice(2) : word.slice(2, equals)
      const key = FLAG_NAMES.get(name)
      if (key === undefined) throw unknownFlag('--', name)
      const next = words[i + 1]
      let text = equals === -1 ? undefined : word.slice(equals + 1)
      if (text === undefined && (flagSpec(key).type as unknown) === bool) {
        text = next !== undefined && isBooleanWord(next) ? words[++i] : '1'
      } else if (text === undefined && next !== undefined && !next.startsWith('--')) {
        text = words[++i]
      }
      if (text === undefined) {
        throw new IntercomError('bad_flag', `Invalid --${name}. ${flagSpec(key).type.expects} Got no value.`)
      }
      flags.set(key, { text, as: name })
    } else if (/^-./.test(word)) throw unknownFlag('-', word.slice(1))
    else rest.push(word)
  }
  return { ...parseWords(rest), flags }
}

function parseWords(words: readonly string[]): { subcommand: Subcommand; label: string | null } {
  const [first, second, ...more] = words
  if (first === undefined) return { subcommand: 'start', label: null }
  if (!isSubcommand(first)) {
    const meant = nearest(first, Object.keys(SUBCOMMANDS)).map((name) => `"${name}"`)
    const hint = meant.length > 0 ? ` Did you mean ${meant.join(' or ')}?` : ''
    throw new IntercomError(
      'unknown_word',
      `Unknown subcommand ${quoted(first)}.${hint} Known: ${Object.keys(SUBCOMMANDS).join(', ')}.`
    )
  }
  const extra = first === 'start' ? more[0] : second
  if (extra !== undefined) {
    throw new IntercomError('unknown_word', `Unexpected word ${quoted(extra)} after "${first}".`)
  }
  if (second !== undefined && label.parse(second, String) === undefined) {
    throw new IntercomError('unknown_word', `Invalid store name ${quoted(second)}. ${label.expects}`)
  }
  return { subcommand: first, label: second ?? null }
}

function isSubcommand(word: string): word is Subcommand {
  return Object.hasOwn(SUBCOMMANDS, word)
}

function unknownFlag(dashes: '-' | '--', name: string): IntercomError {
  const meant = nearest(name, FLAG_NAMES.keys()).map((near) => `--${near}`)
  const hint = meant.length > 0 ? ` Did you mean ${meant.join(' or ')}?` : ''
  return new IntercomError('unknown_flag', `Unknown flag ${quoted(dashes + name).slice(1, -1)}.${hint}`)
}
