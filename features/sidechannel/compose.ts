import b4a from 'b4a'
import type { SendRefusal } from '../../src/base/reasons.ts'
import type { Signer } from '../../src/base/signature.ts'
import { powPreimage, type SolveOptions, solvePow } from './pow.ts'
import {
  bodyText,
  encodeMessage,
  jsonBytes,
  type SidechannelMessage,
  signMessage,
  toJsonValue
} from './wire.ts'

export interface ComposeOptions extends SolveOptions {
  readonly channel: string
  /** Anything; refused when it is not JSON. */
  readonly message: unknown
  readonly invite?: object
  readonly ts: number
  readonly ttl: number
  readonly signer: Signer
  readonly powBits: number
  /** See `largestMessage`. */
  readonly maxBytes: number
}

export type Composed =
  | { readonly ok: true; readonly message: SidechannelMessage; readonly frame: Uint8Array }
  | { readonly ok: false; readonly reason: Extract<SendRefusal, 'unserialisable' | 'too_large'> }

/**
 * A message of ours, ready to be sent: signed, with its work, encoded once. Yields between its steps, so
 * that not even the largest message holds up the event loop. Null when `shouldStop` ended it.
 */
export async function composeMessage(options: ComposeOptions): Promise<Composed | null> {
  const { channel, message: input, invite, ts, ttl, signer, powBits, maxBytes, yieldNow } = options
  const json = toJsonValue(input)
  if (json === null) return { ok: false, reason: 'unserialisable' }
  await yieldNow()
  // The text of a string is canonical already.
  const body = typeof json.value === 'string' ? json.text : bodyText(json.value)
  if (body === null) return { ok: false, reason: 'unserialisable' }
  // Before anything is done for nothing. The envelope comes on top.
  if (b4a.byteLength(body) > maxBytes) return { ok: false, reason: 'too_large' }
  await yieldNow()

  const draft = { channel, message: json.value, ts, ttl, ...(invite === undefined ? {} : { invite }) }
  const signed = signMessage(draft, signer, body)
  await yieldNow()
  const message = powBits > 0 ? await withPow(signed, body, powBits, options) : signed
  if (message === null) return null
  const frame = encodeMessage(message, json.text)
  return jsonBytes(frame) > maxBytes ? { ok: false, reason: 'too_large' } : { ok: true, message, frame }
}

async function withPow(
  message: SidechannelMessage,
  body: string,
  bits: number,
  options: SolveOptions
): Promise<SidechannelMessage | null> {
  const preimage = powPreimage(message, body)
  if (preimage === null) throw new RangeError('the message was to be of bounded depth')
  const nonce = await solvePow(preimage, bits, options)
  return nonce === null ? null : { ...message, pow: { nonce, difficulty: bits } }
}
