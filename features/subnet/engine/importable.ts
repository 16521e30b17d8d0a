import { KEYS } from './state-keys.ts'

/** What an entry of the state is about. */
export type EntryKind =
  | 'contract'
  | 'nick'
  | 'mod'
  | 'mute'
  | 'whitelist'
  | 'message'
  | 'pin'
  | 'deletion'
  // Says where others are, and counts them.
  | 'index'
  | 'admin'
  | 'switch'
  | 'ban'
  | 'signature'
  | 'transaction'
  // Of the engine: what another subnet has there says nothing about this one.
  | 'reserved'

interface Row {
  readonly kind: EntryKind
  /** What may stand there, where a snapshot may write it at all. */
  readonly fits: ((value: unknown) => boolean) | null
}

const stays = (kind: EntryKind): Row => ({ kind, fits: null })
const moves = (kind: EntryKind, fits: (value: unknown) => boolean): Row => ({ kind, fits })

const KEY_ROWS: ReadonlyMap<string, Row> = new Map([
  ['', stays('reserved')],
  [KEYS.messages, moves('index', isCount)],
  [KEYS.deleted, moves('index', isCount)],
  [KEYS.pins, moves('index', isCount)],
  [KEYS.admin, stays('admin')],
  [KEYS.autoAddWriters, stays('switch')],
  [KEYS.chatStatus, stays('switch')],
  [KEYS.transactions, stays('switch')],
  [KEYS.whitelist, stays('switch')],
  [KEYS.txs, stays('transaction')],
  [KEYS.rules, stays('reserved')],
  [KEYS.settlement, stays('reserved')],
  [KEYS.app, stays('reserved')],
  [KEYS.snapshot, stays('reserved')]
])

const PREFIX_ROWS: readonly (readonly [prefix: string, row: Row])[] = [
  // In ruleset 1 a contract may have put anything in the place of a message; the engine reads it so.
  ['msg/', moves('message', isAnything)],
  ['umsgl/', moves('index', isCount)],
  ['umsg/', moves('index', isText)],
  ['delm/', moves('deletion', isCount)],
  ['pni/', moves('pin', isPin)],
  ['nick/', moves('nick', isText)],
  ['kcin/', moves('index', isText)],
  ['mod/', moves('mod', isSwitch)],
  ['mtd/', moves('mute', isSwitch)],
  ['wl/', moves('whitelist', isSwitch)],
  ['bnd/', stays('ban')],
  ['sh/', stays('signature')],
  ...['tx/', 'txi/', 'utxl/', 'utxi/'].map((prefix) => [prefix, stays('transaction')] as const)
]

const OF_CONTRACTS = moves('contract', isAnything)

/** Tells by the key, and whether a snapshot may have it, by the value too. */
export function entryKind(key: string): EntryKind {
  return rowOf(key).kind
}

export function isMovable(key: string): boolean {
  return rowOf(key).fits !== null
}

/** Whether a snapshot may write this: what the engine trusts to be there must be that. */
export function isImportable(key: string, value: unknown): boolean {
  return rowOf(key).fits?.(value) === true
}

function rowOf(key: string): Row {
  const row = KEY_ROWS.get(key) ?? PREFIX_ROWS.find(([prefix]) => key.startsWith(prefix))?.[1]
  return row ?? OF_CONTRACTS
}

function isAnything(): boolean {
  return true
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isSwitch(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isPin(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { msg, pinned } = value as { msg?: unknown; pinned?: unknown }
  return isCount(msg) && isSwitch(pinned)
}
