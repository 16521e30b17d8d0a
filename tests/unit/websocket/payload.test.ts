import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import { decodeText, unmask } from '../../../src/websocket/payload.ts'

/** One code point after the other, as RFC 3629 has it. */
function naiveDecode(bytes: Uint8Array): string | null {
  let text = ''
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i] ?? 0
    const size =
      first < 0x80 ? 1 : first < 0xc0 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 0
    if (size === 0 || i + size > bytes.length) return null
    let point = size === 1 ? first : first & (0x7f >> size)
    for (const next of bytes.subarray(i + 1, i + size)) {
      if ((next & 0xc0) !== 0x80) return null
      point = (point << 6) | (next & 0x3f)
    }
    const least = [0, 0, 0x80, 0x800, 0x10000][size] ?? 0
    if (point < least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return null
    text += String.fromCodePoint(point)
    i += size
  }
  return text
}

function differs(bytes: Uint8Array): boolean {
  return decodeText(bytes, false) !== naiveDecode(bytes)
}

test('every pair of bytes, and every edge of longer sequences', (t) => {
  const wrong: string[] = []
  let valid = 0
  const check = (...bytes: number[]) => {
    const buffer = b4a.from(bytes)
    if (differs(buffer)) wrong.push(b4a.toString(buffer, 'hex'))
    else if (naiveDecode(buffer) !== null) valid++
  }
  for (let a = 0; a < 256; a++) for (let b = 0; b < 256; b++) check(a, b)
  const firsts = [0x00, 0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef]
  const more = [0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf8, 0xff]
  const nexts = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbd, 0xbf, 0xc0, 0xff]
  for (const a of [...firsts, ...more])
    for (const b of nexts)
      for (const c of nexts) {
        check(a, b, c)
        for (const d of nexts) check(a, b, c, d)
      }
  t.alike(wrong, [])
  t.ok(valid > 10_000, `${valid} of them are valid`)
})

test('text in whatever encoding', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 30 }), (bytes) => !differs(bytes)))
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      (text) => decodeText(b4a.from(text), false) === b4a.toString(b4a.from(text))
    )
  )
  t.is(decodeText(b4a.from('\ufeffa'), false), '\ufeffa', 'a mark of byte order is text')
  t.is(decodeText(b4a.from('\ufffd'), false), '\ufffd', 'the character that decoders put is text')
  t.is(decodeText(b4a.from('plain'), true), 'plain')
})

test('a mask is taken off at whatever place, and ASCII is seen', (t) => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.nat(9),
      fc.uint8Array({ maxLength: 70 }),
      (key, offset, payload) => {
        const masked = payload.map((byte, i) => byte ^ (key[i % 4] ?? 0))
        const bytes = b4a.concat([b4a.alloc(offset, 7), b4a.from(masked), b4a.alloc(5, 7)])
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        const little = (key[0] ?? 0) | ((key[1] ?? 0) << 8) | ((key[2] ?? 0) << 16) | ((key[3] ?? 0) << 24)
        const ascii = unmask(view, offset, payload.byteLength, little)
        const wanted = b4a.concat([b4a.alloc(offset, 7), b4a.from(payload), b4a.alloc(5, 7)])
        return ascii === payload.every((byte) => byte < 128) && b4a.equals(bytes, wanted)
      }
    )
  )
  t.pass()
})
