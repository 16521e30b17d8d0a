import b4a from 'b4a'
import { IntercomError } from '../base/errors.ts'
import { type Hex32, isHex32 } from '../base/hex.ts'
import { safeClone } from './json.ts'

/** A message of the chat before it is signed: the `value` of its operation. */
export interface PreparedMessage {
  readonly dispatch: {
    readonly type: 'msg'
    readonly msg: string
    readonly address: string
    readonly attachments: readonly string[]
    readonly deleted_by: null
    readonly reply_to: number | null
    readonly pinned: false
    readonly pin_id: null
  }
}

/** As it stands in the log. */
export interface MessageOperation {
  readonly type: 'msg'
  readonly value: PreparedMessage
  /** The signature. */
  readonly hash: string
  readonly nonce: Hex32
}

const MOST_ATTACHMENTS = 20
const ADDRESS_JSON_BYTES = 66
const KEY = '0'.repeat(64) as Hex32
const FIELDS = ['type', 'msg', 'address', 'attachments', 'deleted_by', 'reply_to', 'pinned', 'pin_id']

/** The checks, their order and their sentences are those of deployed peers (spec/subnet 3.3). */
export function prepareMessage(
  msg: unknown,
  address: unknown,
  reply_to: unknown,
  attachments: unknown,
  mostBytes: number
): PreparedMessage {
  assertText(msg)
  if (typeof address !== 'string' || b4a.byteLength(JSON.stringify(address)) !== ADDRESS_JSON_BYTES)
    throw invalid('Address too large.')
  assertReply(reply_to)
  assertAttachments(attachments)
  const nothing = { deleted_by: null, reply_to, pinned: false, pin_id: null } as const
  const prepared: PreparedMessage = { dispatch: { type: 'msg', msg, address, attachments, ...nothing } }
  assertSize('Message', prepared, mostBytes)
  if (msg === '') throw invalid('Empty message not allowed')
  return prepared
}

/** What somebody gives as a prepared message, as it will stand in the log. */
export function checkedMessage(given: unknown, mostBytes: number): PreparedMessage {
  const prepared = safeClone(given) as PreparedMessage | null
  if (prepared === null) throw invalid('Invalid prepared message.')
  assertSize('Prepared message', prepared, mostBytes)
  if (!hasOnly(prepared, ['dispatch']) || !hasOnly(prepared.dispatch, FIELDS))
    throw invalid('Invalid prepared message.')
  const { type, msg, attachments, deleted_by, reply_to, pinned, pin_id, address } = prepared.dispatch
  if (type !== 'msg') throw invalid('Invalid type.')
  if (deleted_by !== null) throw invalid('deleted_by must be null')
  if (pinned !== false) throw invalid('pinned must be false')
  if (pin_id !== null) throw invalid('pin_id must be null')
  assertText(msg)
  assertReply(reply_to)
  assertAttachments(attachments)
  if (msg === '') throw invalid('Empty message not allowed')
  if (!isHex32(address)) throw invalid('Invalid address.')
  return prepared
}

export function checkedSignature(signature: unknown): string {
  if (typeof signature === 'string' && /^[0-9a-f]{128}$/.test(signature)) return signature
  throw invalid('Invalid signature.')
}

export function checkedNonce(nonce: unknown): Hex32 {
  if (isHex32(nonce)) return nonce
  throw invalid('Invalid nonce.')
}

export function invalid(sentence: string): IntercomError {
  return new IntercomError('bad_arguments', sentence, {
    next: 'Make it with prepareMessage, sign what messageToSign gives, and change nothing of it after that.'
  })
}

function assertText(msg: unknown): asserts msg is string {
  if (typeof msg !== 'string') throw invalid('Msg must be a string')
}

function assertReply(reply_to: unknown): asserts reply_to is number | null {
  const isPlace = Number.isSafeInteger(reply_to) && (reply_to as number) >= 0
  if (reply_to !== null && !isPlace) throw invalid('Reply to not a number.')
}

function assertAttachments(attachments: unknown): asserts attachments is readonly string[] {
  if (!Array.isArray(attachments)) throw invalid('attachments must be an array.')
  if (attachments.length > MOST_ATTACHMENTS) throw invalid('Too many attachments')
  const at = attachments.findIndex((attachment) => typeof attachment !== 'string')
  if (at !== -1) throw invalid(`Attachment at index ${at} is not a string.`)
}

/** Of the whole operation, as it is measured when it is applied. */
function assertSize(what: string, value: PreparedMessage, mostBytes: number): void {
  const op: MessageOperation = { type: 'msg', value, hash: KEY + KEY, nonce: KEY }
  if (b4a.byteLength(JSON.stringify(op)) > mostBytes)
    throw new IntercomError('too_large', `${what} too large.`)
}

function hasOnly(value: unknown, fields: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const keys = Object.keys(value)
  return keys.length === fields.length && fields.every((field) => Object.hasOwn(value, field))
}
