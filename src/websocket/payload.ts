import b4a from 'b4a'
import { utf8Text } from '../base/utf8.ts'

const NOT_ASCII = 0x80808080

/**
 * Takes the mask off, in place: RFC 6455, section 5.3. `key` is the four bytes of the mask as a little-endian
 * word. Tells whether every byte is ASCII, which costs next to nothing here and a pass of its own elsewhere.
 */
export function unmask(view: DataView, start: number, length: number, key: number): boolean {
  let seen = 0
  let at = start
  for (const end = start + (length & ~3); at < end; at += 4) {
    const word = view.getInt32(at, true) ^ key
    seen |= word
    view.setInt32(at, word, true)
  }
  let rest = key
  for (const end = start + length; at < end; at++) {
    const byte = view.getUint8(at) ^ (rest & 0xff)
    seen |= byte
    view.setUint8(at, byte)
    rest >>>= 8
  }
  return (seen & NOT_ASCII) === 0
}

/** The text, or null when the bytes are not UTF-8. `ascii`: it is known that they are no more than that. */
export function decodeText(bytes: Uint8Array, ascii: boolean): string | null {
  return ascii ? b4a.toString(bytes, 'latin1') : utf8Text(bytes)
}
