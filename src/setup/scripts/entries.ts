import path from '#path'
import { FLAGS, type FlagKey, flagName, flagSpec } from '../../config/flags.ts'
import type { GeneratedFile, StartPlan } from '../plan.ts'

/** What a kind of script can hold. */
export interface Dialect {
  /** A text as one word of it; null: that cannot be done safely. */
  word(text: string): string | null
  /** The longest command line, in characters. */
  readonly most: number
}

/** A flag of a script. */
export interface Entry {
  readonly key: FlagKey
  readonly help: string
  /** The words as they stand in the script; null: it comes from config.json. */
  readonly words: readonly string[] | null
  /** Why it does, as the end of a comment. */
  readonly why: string
}

export interface Entries {
  /** Null: the script cannot be had, since what says where the store lies has no other place. */
  readonly entries: readonly Entry[] | null
  readonly blobs: readonly GeneratedFile[]
}

/** More than that on a line is not read by anybody. */
const LONGEST_INLINE = 200
const STORE_FLAGS: readonly FlagKey[] = ['peerStoreName', 'peerStoresDirectory']

export function entriesOf(plan: StartPlan, dialect: Dialect): Entries {
  const { peer, storesDirectory } = plan
  const isUsual = storesDirectory === FLAGS.peerStoresDirectory.default
  const blobs: GeneratedFile[] = []
  const entries: Entry[] = [
    entry('peerStoreName', peer, dialect),
    ...(isUsual ? [] : [entry('peerStoresDirectory', storesDirectory, dialect)])
  ]
  if (entries.some(({ words }) => words === null)) return { entries: null, blobs }
  for (const [key, value] of plan.flags) {
    if (STORE_FLAGS.includes(key)) continue
    const { type, secret } = flagSpec(key)
    const named = type.file && value.startsWith('@')
    if (secret === true && !named) {
      entries.push({ ...entry(key, value, dialect), words: null, why: 'it is a secret' })
      continue
    }
    const blob = type.file && !named && !readsWell(value, dialect) ? blobOf(plan, key, value) : null
    if (blob !== null) blobs.push(blob)
    entries.push(entry(key, blob === null ? value : `@${blobPath(plan, key)}`, dialect))
  }
  return { entries: withinLength(entries, dialect.most), blobs }
}

function entry(key: FlagKey, value: string, { word }: Dialect): Entry {
  const name = `--${flagName(key)}`
  // What begins with two dashes would be taken for the next flag.
  const texts = value.startsWith('--') ? [`${name}=${value}`] : [name, value]
  const words = texts.map(word)
  const isWhole = words.every((each) => each !== null)
  return {
    key,
    help: flagSpec(key).help,
    words: isWhole ? words : null,
    why: 'this kind of script cannot hold its value safely'
  }
}

function readsWell(value: string, { word }: Dialect): boolean {
  return value.length <= LONGEST_INLINE && !/[\r\n]/.test(value) && word(value) !== null
}

/** What would make the command line too long stays in config.json. */
function withinLength(entries: readonly Entry[], most: number): Entry[] {
  let length = 0
  return entries.map((each) => {
    length += (each.words ?? []).join(' ').length + 4
    return length <= most ? each : { ...each, words: null, why: 'the command line would be too long' }
  })
}

/** With slashes, which every system takes. */
function blobPath({ peer }: StartPlan, key: FlagKey): string {
  return `scripts/start-${peer}.d/${flagName(key)}.txt`
}

function blobOf(plan: StartPlan, key: FlagKey, value: string): GeneratedFile {
  return { path: path.join(plan.project, blobPath(plan, key)), content: `${value}\n`, mode: 0o644 }
}
