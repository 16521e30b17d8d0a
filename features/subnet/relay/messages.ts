import { type Hex32, isHex32 } from '../../../src/base/hex.ts'
import { encodeMessage, type MemberMessage } from '../members/messages.ts'
import type { Transaction } from '../transactions/transaction.ts'

/** Why a member did not put a transaction into the log: a code of `src/base/errors.ts`, as others may have more. */
const REASON = /^[a-z_]{1,40}$/
/** Whoever may write has not got, and was not given, what the transaction is to come after. */
export const PREDECESSOR_MISSING = 'predecessor_missing'
/** Later it takes them. */
const BUSY = new Set(['rate_limited', 'tx_disabled'])
/** These pass, or hold for the one who said so alone. */
const TRANSIENT = new Set([...BUSY, 'not_writable', 'closed', 'timed_out', PREDECESSOR_MISSING])
/** Of one neighbour at a time. */
export const MOST_UNDER_WAY = 32

export interface RelayRequest {
  /** Chosen by whoever asks. */
  readonly id: number
  /** Of what is no transaction there may be no more than this. */
  readonly tx: Hex32
  readonly transaction: unknown
  /** The transaction that has to come before it in the log; null where none has to. */
  readonly after: Hex32 | null
}

export interface RelayReply {
  readonly id: number
  readonly tx: string
  /** Null when it is in the log. */
  readonly error: string | null
}

export function isFinal(error: string): boolean {
  return !TRANSIENT.has(error)
}

/** Whoever says so is to be asked again, and nobody else in its place. */
export function isBusy(error: string): boolean {
  return BUSY.has(error)
}

export function encodeRequest(id: number, transaction: Transaction, after: Hex32 | null): Uint8Array {
  return encodeMessage({ relayTx: transaction, id, ...(after === null ? {} : { after }) })
}

/** Total, like those below. Null also where there would be nothing to answer to. */
export function readRequest({ relayTx, id, after }: MemberMessage): RelayRequest | null {
  const { tx } = (relayTx ?? {}) as { readonly tx?: unknown }
  if (!isId(id) || !isHex32(tx)) return null
  return { id, tx, transaction: relayTx, after: isHex32(after) ? after : null }
}

export function encodeReply({ id, tx, error }: RelayReply): Uint8Array {
  return encodeMessage({ relayed: id, tx, ok: error === null, ...(error === null ? {} : { error }) })
}

export function readReply({ relayed, tx, ok, error }: MemberMessage): RelayReply | null {
  if (!isId(relayed) || !isHex32(tx)) return null
  if (ok === true) return { id: relayed, tx, error: null }
  return typeof error === 'string' && REASON.test(error) ? { id: relayed, tx, error } : null
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
