import { decode, encode, json } from 'compact-encoding'

/** The largest message between members: a transaction of the largest size, and what goes with it. */
const MOST_BYTES = 64 * 1024

/** What a neighbour sent: an object, of which nothing else is known. */
export type MemberMessage = Readonly<Record<string, unknown>>

export function encodeMessage(message: object): Uint8Array {
  return encode(json, message)
}

/** Total: null for whatever is not a message. */
export function decodeMessage(bytes: Uint8Array): MemberMessage | null {
  if (bytes.byteLength > MOST_BYTES) return null
  try {
    const value = decode(json, bytes)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as MemberMessage)
      : null
  } catch {
    // A neighbour that talks nonsense is not answered.
    return null
  }
}
