import { isHex32 } from '../../../src/base/hex.ts'
import { encodeMessage, type MemberMessage } from '../members/messages.ts'
import type { Transaction } from '../transactions/transaction.ts'

/** Why a member did not put a transaction into the log: a code of `src/base/errors.ts`, as others may have more. */
const REASON = /^[a-z_]{1,40}$/
/** These pass, or hold for the one who said so alone. */
const TRANSIENT = new Set(['not_writable', 'rate_limited', 'closed', 'timed_out'])

export interface RelayRequest {
  /** Chosen by whoever asks. */
  readonly id: number
  readonly transaction: unknown
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

export function encodeRequest(id: number, transaction: Transaction): Uint8Array {
  return encodeMessage({ relayTx: transaction, id })
}

/** Total, like those below. */
export function readRequest({ relayTx, id }: MemberMessage): RelayRequest | null {
  return isId(id) ? { id, transaction: relayTx } : null
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
