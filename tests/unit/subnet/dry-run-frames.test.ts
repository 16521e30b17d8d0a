import b4a from 'b4a'
import test from 'brittle'
import { encodeFrame, FrameReader } from '../../../features/subnet/dry-run/frames.ts'

test('messages, however their bytes come', (t) => {
  const messages = [{ a: 'é' }, { b: [1, { c: null }] }, {}]
  const bytes = b4a.concat(messages.map((message) => encodeFrame(message, 100) as Uint8Array))
  for (const size of [1, 3, bytes.byteLength]) {
    const reader = new FrameReader(100)
    const read: unknown[] = []
    for (let i = 0; i < bytes.byteLength; i += size) read.push(...reader.read(bytes.subarray(i, i + size)))
    t.alike(read, messages, `${size} at a time`)
  }
  const long = { a: 'x'.repeat(100) }
  t.is(encodeFrame(long, 100), null)
  const tooLarge = encodeFrame(long, 1000) as Uint8Array
  t.exception(() => [...new FrameReader(100).read(tooLarge)], /too large/)
  const header = (text: string) =>
    b4a.concat([b4a.from([text.length % 256, text.length >> 8, 0, 0]), b4a.from(text)])
  t.exception(() => [...new FrameReader(100).read(header('no'))], /not JSON/)
  t.exception(() => [...new FrameReader(9999).read(header('['.repeat(4000)))], /too deep/)
})
