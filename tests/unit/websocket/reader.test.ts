import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import { type FrameEvent, FrameReader } from '../../../src/websocket/reader.ts'
import { clientFrame, type RawFrame } from '../../helpers/raw-websocket.ts'
import { cutAt, cutEvery, readPieces, readsTheSame } from './helpers.ts'

const LIMIT = 1000

function read(...frames: (RawFrame | string)[]): FrameEvent[] {
  const bytes = frames.map((frame) =>
    typeof frame === 'string' ? b4a.from(frame, 'hex') : clientFrame(frame)
  )
  return readPieces([b4a.concat(bytes)], LIMIT)
}

/** The code of the last event, which has to be a fault. */
function faultOf(events: readonly FrameEvent[]): number | null {
  const last = events.at(-1)
  return last?.kind === 'fail' ? last.code : null
}

const texts = (events: readonly FrameEvent[]) =>
  events.flatMap((event) => (event.kind === 'text' ? event.text : []))

test('the frames of RFC 6455, section 5.7', (t) => {
  t.alike(read('818537fa213d7f9f4d5158'), [{ kind: 'text', text: 'Hello' }])
  t.alike(read('8a8537fa213d7f9f4d5158'), [{ kind: 'pong', payload: b4a.from('Hello') }])
  t.alike(read('898537fa213d7f9f4d5158'), [{ kind: 'ping', payload: b4a.from('Hello') }])
  t.alike(read('018337fa213d7f9f4d', '808237fa213d5b95'), [{ kind: 'text', text: 'Hello' }], 'in fragments')
  t.is(faultOf(read('810548656c6c6f')), 1002, 'not masked')
})

test('fragments, and control frames between them', (t) => {
  const events = read(
    { payload: 'a', fin: false },
    { opcode: 9, payload: 'ping' },
    { opcode: 0, payload: '', fin: false },
    { opcode: 10 },
    { opcode: 0, payload: 'é'.repeat(200), fin: false },
    { opcode: 0, payload: 'b' },
    { payload: 'next' },
    { payload: '' },
    { opcode: 8, payload: b4a.from([3, 232, 98, 121, 101]) },
    { payload: 'after the end' }
  )
  t.alike(events, [
    { kind: 'ping', payload: b4a.from('ping') },
    { kind: 'pong', payload: b4a.alloc(0) },
    { kind: 'text', text: `a${'é'.repeat(200)}b` },
    { kind: 'text', text: 'next' },
    { kind: 'text', text: '' },
    { kind: 'close', code: 1000, reason: 'bye' }
  ])
})

test('what was read is not changed by what comes after', (t) => {
  const pings = ['one', 'two'].map((payload) => clientFrame({ opcode: 9, payload }))
  const wanted = ['one', 'two'].map((text) => ({ kind: 'ping', payload: b4a.from(text) }))
  t.alike(readPieces(cutEvery(b4a.concat(pings), 1), LIMIT), wanted)
})

test('the room for a message grows by doubling, up to the limit', (t) => {
  const reader = new FrameReader(LIMIT)
  const sizes = new Set<number>()
  for (let i = 0; i < 100; i++) {
    reader.push(clientFrame({ opcode: i === 0 ? 1 : 0, fin: false, payload: 'a'.repeat(LIMIT / 100) }))
    t.is(reader.next(), null)
    sizes.add(reader.held)
  }
  t.alike([...sizes], [10, 20, 40, 80, 160, 320, 640, LIMIT])
})

test('a character may be in two fragments', (t) => {
  const bytes = b4a.from('€')
  const halves: RawFrame[] = [
    { payload: bytes.subarray(0, 1), fin: false },
    { opcode: 0, payload: bytes.subarray(1) }
  ]
  t.alike(read(...halves), [{ kind: 'text', text: '€' }])
})

test('what is refused, and with which code', (t) => {
  const rows: [what: string, code: number, ...frames: RawFrame[]][] = [
    ...[1, 2, 4, 7].map((rsv): [string, number, RawFrame] => [`reserved bits ${rsv}`, 1002, { rsv }]),
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, number, RawFrame] => [
      `opcode ${opcode}`,
      1002,
      { opcode }
    ]),
    ['not masked', 1002, { masked: false, payload: 'a' }],
    ['a ping that is not masked', 1002, { opcode: 9, masked: false }],
    ['binary', 1003, { opcode: 2, payload: 'a' }],
    ['binary in fragments', 1003, { opcode: 2, fin: false }],
    ['a long ping', 1002, { opcode: 9, payload: b4a.alloc(126) }],
    ['a long close', 1002, { opcode: 8, payload: b4a.alloc(126) }],
    ['a ping in the long form', 1002, { opcode: 9, payload: 'a', lengthBytes: 2 }],
    ['half a ping', 1002, { opcode: 9, fin: false }],
    ['half a close', 1002, { opcode: 8, fin: false }],
    ['125 in two bytes', 1002, { payload: 'a'.repeat(125), lengthBytes: 2 }],
    ['1 in eight bytes', 1002, { payload: 'a', lengthBytes: 8 }],
    ['65535 in eight bytes', 1002, { declaredLength: 65_535, lengthBytes: 8 }],
    ['the highest bit of the length', 1002, { declaredLength: 1n << 63n }],
    ['all bits of the length', 1002, { declaredLength: (1n << 64n) - 1n }],
    ['a length no number can hold', 1009, { declaredLength: (1n << 62n) + 1n }],
    ['too long', 1009, { declaredLength: LIMIT + 1 }],
    ['too long, in eight bytes', 1009, { declaredLength: 65_536 }],
    ['nothing to continue', 1002, { opcode: 0 }],
    ['nothing to continue any more', 1002, { payload: 'a' }, { opcode: 0 }],
    ['a new message inside one', 1002, { fin: false }, { payload: 'a' }],
    ['fragments too long', 1009, { fin: false, payload: 'a'.repeat(LIMIT) }, { opcode: 0, payload: 'a' }],
    ['half a character', 1007, { payload: b4a.from([0xc3]) }],
    [
      'half a character in fragments',
      1007,
      { payload: 'a', fin: false },
      { opcode: 0, payload: b4a.from([0xc3]) }
    ],
    ['a surrogate', 1007, { payload: b4a.from([0xed, 0xa0, 0x80]) }],
    ['one byte of a close code', 1002, { opcode: 8, payload: 'a' }],
    ['a close reason that is not text', 1007, { opcode: 8, payload: b4a.from([3, 232, 0xff]) }]
  ]
  for (const [what, code, ...frames] of rows) {
    const events = read(...frames, { payload: 'never' })
    t.is(faultOf(events), code, what)
    t.absent(texts(events).includes('never'), 'nothing is read after it')
  }
})

test('close codes', (t) => {
  const valid = [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999
  ]
  const invalid = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535]
  const close = (code: number) => read({ opcode: 8, payload: b4a.from([code >> 8, code & 255]) })
  for (const code of valid) t.alike(close(code), [{ kind: 'close', code, reason: '' }])
  for (const code of invalid) t.is(faultOf(close(code)), 1002, `${code}`)
  t.alike(read({ opcode: 8 }), [{ kind: 'close', code: 1005, reason: '' }])
})

test('a frame is refused by its header', (t) => {
  const reader = new FrameReader(LIMIT)
  reader.push(clientFrame({ declaredLength: LIMIT + 1 }))
  t.is(reader.next()?.kind, 'fail')
  t.is(reader.held, 0)
  t.ok(reader.over)
  reader.push(clientFrame({ payload: 'a' }))
  t.is(reader.next(), null)
})

test('the limit holds from the next frame on', (t) => {
  const reader = new FrameReader(10)
  const long = 'a'.repeat(500)
  reader.push(b4a.concat([clientFrame({ payload: 'let me' }), clientFrame({ payload: long })]))
  t.alike(reader.next(), { kind: 'text', text: 'let me' })
  reader.limit = 500
  t.alike(reader.next(), { kind: 'text', text: long })
  t.is(reader.next(), null)
  reader.limit = 100
  reader.push(clientFrame({ payload: long }))
  t.is(faultOf([reader.next() as FrameEvent]), 1009)
})

test('a message of exactly the limit passes, whole and in fragments', (t) => {
  t.is(texts(read({ payload: 'a'.repeat(LIMIT) }))[0]?.length, LIMIT)
  const half: RawFrame = { payload: 'a'.repeat(LIMIT / 2), fin: false }
  t.is(texts(read(half, { ...half, opcode: 0 }, { opcode: 0 }))[0]?.length, LIMIT)
})

test('the number of fragments is bounded', (t) => {
  const first: RawFrame = { fin: false }
  const more = (count: number) => Array.from({ length: count }, (): RawFrame => ({ opcode: 0, fin: false }))
  t.alike(texts(read(first, ...more(1022), { opcode: 0, payload: 'a' })), ['a'])
  t.is(faultOf(read(first, ...more(1023), { opcode: 0, payload: 'a' })), 1008)
  t.alike(texts(read(...Array.from({ length: 1100 }, (): RawFrame => ({ payload: 'a' })))).length, 1100)
})

test('a piece is taken only when the one before is read', (t) => {
  const reader = new FrameReader(LIMIT)
  reader.push(b4a.concat([clientFrame({ payload: 'a' }), clientFrame({ payload: 'b' })]))
  reader.next()
  t.exception(() => reader.push(b4a.from('c')), /has not been read/)
})

test('a long message byte by byte takes a time in proportion', (t) => {
  const size = 512 * 1024
  const text = 'abcdefgh'.repeat(size / 8)
  const fragments = Array.from({ length: 1024 }, (_, i) => {
    const payload = text.slice((i * size) / 1024, ((i + 1) * size) / 1024)
    return clientFrame({ opcode: i === 0 ? 1 : 0, fin: i === 1023, payload })
  })
  const whole = clientFrame({ payload: text })
  for (const bytes of [whole, b4a.concat(fragments)])
    t.ok(texts(readPieces(cutEvery(bytes, 1), size))[0] === text, 'the same text')
})

/** A sound stream: messages in fragments, with control frames between them. */
const stream = fc
  .array(
    fc.record({
      parts: fc.array(fc.string({ unit: 'binary', maxLength: 80 }), { minLength: 1, maxLength: 4 }),
      control: fc.option(
        fc.record({ opcode: fc.constantFrom(9, 10), payload: fc.uint8Array({ maxLength: 125 }) })
      ),
      key: fc.array(fc.nat(255), { minLength: 4, maxLength: 4 })
    }),
    { maxLength: 8 }
  )
  .map((messages) => {
    const bytes: Uint8Array[] = []
    for (const { parts, control, key } of messages)
      parts.forEach((payload, i) => {
        if (control !== null) bytes.push(clientFrame({ ...control, key }))
        bytes.push(clientFrame({ opcode: i === 0 ? 1 : 0, fin: i === parts.length - 1, payload, key }))
      })
    // A lone surrogate becomes U+FFFD on its way into bytes.
    const sent = messages.map(({ parts }) => parts.map((part) => b4a.toString(b4a.from(part))).join(''))
    return { bytes: b4a.concat(bytes), sent }
  })

test('however a sound stream is cut, its messages are the same', (t) => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(3000), { maxLength: 20 }), ({ bytes, sent }, places) => {
      const events = readPieces(cutAt(bytes, places), 2000)
      return JSON.stringify(texts(events)) === JSON.stringify(sent) && faultOf(events) === null
    }),
    { numRuns: 300 }
  )
  t.pass()
})

test('whatever comes, nothing is thrown and no more is held than may be', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => readsTheSame(bytes, 300)))
  // Frames that begin well get further in.
  const header = fc.constantFrom(
    '8181',
    '0183',
    '8084',
    '81fe00ff',
    '81fe0100',
    '81ff0000000000010000',
    '8982'
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(header, fc.uint8Array({ maxLength: 40 })), { maxLength: 6 }), (parts) => {
      const bytes = parts.flatMap(([hex, rest]) => [b4a.from(hex, 'hex'), b4a.from(rest)])
      return readsTheSame(b4a.concat(bytes), 300)
    })
  )
  t.pass()
})
