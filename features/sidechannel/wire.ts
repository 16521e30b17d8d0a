import b4a from 'b4a'
import sodium from 'sodium-universal'
import { canonicalJson } from '../../src/base/canonical.ts'
import { depthWithin, jsonDepthWithin, MAX_DEPTH } from '../../src/base/depth.ts'
import { type Hex32, toHex } from '../../src/base/hex.ts'
import { type Signer, verifySignature } from '../../src/base/signature.ts'
import type { Untrusted } from '../../src/base/untrusted.ts'

/** A message as it travels (spec/sidechannel 1.2). One that was received is made by `checkShape` alone. */
export interface SidechannelMessage {
  readonly type: 'sidechannel'
  readonly id: string
  readonly channel: string
  readonly from: Hex32
  readonly origin: Hex32
  /** Any JSON value, at most `MAX_DEPTH` deep. */
  readonly message: unknown
  /** The author's clock, ms. */
  readonly ts: number
  /** Hops left. */
  readonly ttl: number
  readonly invite?: unknown
  readonly pow?: Pow
  readonly sig?: string
  readonly relayedBy?: Hex32
}

export interface Pow {
  readonly nonce: number
  readonly difficulty: number
}

/** What signature and work cover. */
export type Signed = Pick<SidechannelMessage, 'id' | 'channel' | 'from' | 'origin' | 'message' | 'ts'>

/**
 * The bytes of a Protomux message, those of compact-encoding's `json`. Add the Protomux message with
 * compact-encoding's `raw`, encode once and send the same frame to every neighbour; what arrives is a frame
 * too, and goes to the pipeline as it is. (`json` itself would throw inside Protomux at bad input.)
 *
 * `text` is the JSON of the message's content, for who has it already.
 */
export function encodeMessage(
  message: SidechannelMessage,
  text: string = JSON.stringify(message.message)
): Uint8Array {
  const { type, id, channel, from, origin, ts, ttl, invite, pow, sig, relayedBy } = message
  const head = JSON.stringify({ type, id, channel, from, origin })
  const tail = JSON.stringify({ ts, ttl, invite, pow, sig, relayedBy })
  const json = `${head.slice(0, -1)},"message":${text},${tail.slice(1)}`
  const length = b4a.byteLength(json)
  const prefix = lengthPrefix(length)
  const frame = b4a.allocUnsafe(prefix.length + length)
  frame.set(prefix)
  b4a.write(frame, json, prefix.length)
  return frame
}

/** The text as bytes. For long texts it takes a fifth of what `b4a.from` does. */
export function utf8(text: string): Uint8Array {
  const bytes = b4a.allocUnsafe(b4a.byteLength(text))
  b4a.write(bytes, text)
  return bytes
}

// Signed or verified, and not needed again: most texts share this room.
const shared = b4a.alloc(65_536)

/** The same for who is done with the bytes when it next calls this. */
function brieflyUtf8(text: string): Uint8Array {
  const length = b4a.byteLength(text)
  if (length > shared.byteLength) return utf8(text)
  b4a.write(shared, text)
  return shared.subarray(0, length)
}

/** Total: null for every frame that is not one JSON value, or nests too deep to be looked at. */
export function decodeMessage(frame: Uint8Array): Untrusted<SidechannelMessage> | null {
  const json = frame.subarray(prefixBytes(frame))
  const prefix = lengthPrefix(json.byteLength)
  const room = frame.byteLength - json.byteLength
  if (prefix.length !== room || prefix.some((byte, at) => byte !== frame[at])) return null
  // The envelope is one level around the message.
  if (!jsonDepthWithin(json, MAX_DEPTH + 1)) return null
  try {
    return JSON.parse(b4a.toString(json))
  } catch {
    // Not JSON: the caller drops and counts it.
    return null
  }
}

/** The length of a frame's JSON, which is what the limits on size and rate are about. */
export function jsonBytes(frame: Uint8Array): number {
  return frame.byteLength - prefixBytes(frame)
}

/** A value as receivers will see it, and the JSON that they make it of. */
export interface JsonValue {
  readonly value: unknown
  readonly text: string
}

/**
 * What becomes of a value by one JSON round trip. Null when it is not JSON, or nests too deep for receivers.
 * Never throws, whatever getters or `toJSON` do.
 */
export function toJsonValue(value: unknown): JsonValue | null {
  try {
    const text = JSON.stringify(value)
    if (text === undefined) return null
    // Of these the round trip makes what they are.
    if (typeof value === 'string' || typeof value === 'boolean') return { value, text }
    const parsed: unknown = JSON.parse(text)
    return depthWithin(parsed) ? { value: parsed, text } : null
  } catch {
    // Cyclic, too deep for the stack, a bigint: the refusal says it all.
    return null
  }
}

export interface Draft {
  readonly channel: string
  /** What `toJsonValue` returned. */
  readonly message: unknown
  readonly ts: number
  readonly ttl: number
  readonly invite?: object
}

/** A message of ours, without work: signed, with a new id. `body` as below. */
export function signMessage(
  draft: Draft,
  signer: Signer,
  body: string | null = bodyText(draft.message),
  random: () => string = randomText
): SidechannelMessage {
  const { channel, message, ts, ttl, invite } = draft
  const from = signer.publicKey
  const signed = { id: `${from}:${ts}:${random()}`, channel, from, origin: from, message, ts }
  const text = signatureText(signed, body)
  if (text === null) throw new RangeError('the message is not a JSON value of bounded depth')
  const sig = signer.sign(brieflyUtf8(text))
  return { type: 'sidechannel', ...signed, ttl, ...(invite === undefined ? {} : { invite }), sig }
}

/** Total: a missing or malformed signature or key is an invalid one. */
export function verifyMessage(message: Signed & { readonly sig?: unknown }): boolean {
  if (typeof message.sig !== 'string') return false
  const text = signatureText(message)
  return text !== null && verifySignature(message.sig, brieflyUtf8(text), message.from)
}

/**
 * The canonical text of a message's content, which signature and work have in common: of a large one it is
 * worth making once. Null when it nests too deep.
 */
export function bodyText(message: unknown): string | null {
  return canonicalJson(message)
}

/** What the author signs (spec/sidechannel 1.3); null when the message nests too deep. */
export function signatureText(signed: Signed, body: string | null = bodyText(signed.message)): string | null {
  if (body === null) return null
  const [before, after] = envelopeText(signed)
  return `${before},"kind":"sidechannel_message_v1","message":${body},${after}`
}

/** The canonical text of all that is signed, in front of and behind what begins with "kind" to "nonce". */
export function envelopeText({ id, channel, from, origin, ts }: Signed): [string, string] {
  const before = `{"channel":${leafText(channel)},"from":${leafText(from)},"id":${leafText(id)}`
  return [before, `"origin":${leafText(origin)},"ts":${leafText(ts)}}`]
}

function leafText(value: unknown): string {
  return canonicalJson(value, 0) ?? 'null'
}

const RANDOM_BYTES = 8
// The system is asked for the bytes of so many texts at once: a call costs as much as hashing a message.
const pool = { bytes: b4a.alloc(64 * RANDOM_BYTES), next: 64 * RANDOM_BYTES }

/** 64 random bits: an id, or the nonce of an invite. */
export function randomText(): string {
  if (pool.next === pool.bytes.byteLength) {
    sodium.randombytes_buf(pool.bytes)
    pool.next = 0
  }
  pool.next += RANDOM_BYTES
  return toHex(pool.bytes.subarray(pool.next - RANDOM_BYTES, pool.next))
}

/** Lengths from here on take 2, 4 or 8 bytes behind a marker: 0xfd, 0xfe, 0xff. */
const U16 = 0xfd
const U32 = 0xfe
const PREFIX_BYTES: Readonly<Record<number, number>> = { 253: 3, 254: 5, 255: 9 }

/** compact-encoding's `uint`, for any length that a frame can have. */
function lengthPrefix(length: number): readonly number[] {
  if (length < U16) return [length]
  if (length <= 0xffff) return [U16, length & 0xff, length >>> 8]
  return [U32, length & 0xff, (length >>> 8) & 0xff, (length >>> 16) & 0xff, length >>> 24]
}

function prefixBytes(frame: Uint8Array): number {
  return Math.min(frame.byteLength, PREFIX_BYTES[frame[0] ?? 0] ?? 1)
}
