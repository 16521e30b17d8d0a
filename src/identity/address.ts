import b4a from 'b4a'
import { bech32m } from 'bech32'
import { toHex } from '../base/hex.ts'

/** What the address of a peer starts with; the prefix also takes part in the key derivation. */
export const ADDRESS_PREFIX = 'trac'

const KEY_BYTES = 32

// 31 letters, `1`, 52 characters of key and 6 of checksum make the 90 that the checksum was designed for.
const PREFIX = /^[a-z]{1,31}$/

export function isAddressPrefix(text: string): boolean {
  return PREFIX.test(text)
}

/** The address of a 32-byte public key. */
export function encodeAddress(publicKey: Uint8Array, prefix = ADDRESS_PREFIX): string {
  if (publicKey.byteLength !== KEY_BYTES)
    throw new RangeError(`expected a public key of ${KEY_BYTES} bytes, got ${publicKey.byteLength}`)
  if (!isAddressPrefix(prefix)) throw new RangeError('an address prefix is 1 to 31 letters a-z')
  return bech32m.encode(prefix, bech32m.toWords(publicKey))
}

/** A peer's names for people, one a line. */
export function identityLines(publicKey: Uint8Array): string[] {
  return [
    `Peer pubkey (hex): ${toHex(publicKey)}`,
    `Peer trac address (bech32m): ${encodeAddress(publicKey)}`
  ]
}

/** The public key behind an address, or `null` when the text is not an address with this prefix. */
export function decodeAddress(text: unknown, prefix = ADDRESS_PREFIX): Buffer | null {
  if (typeof text !== 'string') return null
  const decoded = bech32m.decodeUnsafe(text)
  if (decoded === undefined || decoded.prefix !== prefix) return null
  const bytes = bech32m.fromWordsUnsafe(decoded.words)
  return bytes?.length === KEY_BYTES ? b4a.from(bytes) : null
}
