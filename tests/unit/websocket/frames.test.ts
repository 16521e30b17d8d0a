import b4a from 'b4a'
import test from 'brittle'
import { closeFrame, pingFrame, pongFrame, textFrame } from '../../../src/websocket/frames.ts'

const hex = (bytes: Uint8Array) => b4a.toString(bytes, 'hex')

test('the frames of RFC 6455, section 5.7', (t) => {
  t.is(hex(textFrame('Hello')), '810548656c6c6f')
  t.is(hex(pingFrame(b4a.from('Hello'))), '890548656c6c6f')
  t.is(hex(pongFrame(b4a.from('Hello'))), '8a0548656c6c6f')
  t.is(hex(textFrame('x'.repeat(256)).subarray(0, 6)), '817e01007878')
  t.is(hex(textFrame('x'.repeat(65_536)).subarray(0, 12)), '817f00000000000100007878')
})

test('the length has its shortest form', (t) => {
  const rows: [length: number, header: string][] = [
    [0, '8100'],
    [125, '817d'],
    [126, '817e007e'],
    [65_535, '817effff'],
    [65_536, '817f0000000000010000'],
    [16_909_060, '817f0000000001020304']
  ]
  for (const [length, header] of rows) {
    const frame = textFrame('a'.repeat(length))
    t.is(frame.byteLength, header.length / 2 + length)
    t.is(hex(frame.subarray(0, header.length / 2)), header)
    t.ok(frame.subarray(header.length / 2).every((byte) => byte === 97))
  }
})

test('text is UTF-8, whatever the string holds', (t) => {
  t.is(hex(textFrame('é€😀')), '8109c3a9e282acf09f9880')
  t.is(hex(textFrame('a\ud800b')), '810561efbfbd62')
})

test('close frames', (t) => {
  t.is(hex(closeFrame(1000)), '880203e8')
  t.is(hex(closeFrame(1008, 'no')), '880403f06e6f')
  t.is(hex(closeFrame(1005)), '8800', 'without a code')
  t.is(hex(closeFrame(1000, 'x'.repeat(500))), `887d03e8${'78'.repeat(123)}`)
  t.is(hex(closeFrame(1000, `${'x'.repeat(122)}é`)), `887c03e8${'78'.repeat(122)}`, 'cut between characters')
})

test('a control frame that cannot be is not made', (t) => {
  t.is(pingFrame(b4a.alloc(125)).byteLength, 127)
  t.exception(() => pingFrame(b4a.alloc(126)), /at most 125/)
})
