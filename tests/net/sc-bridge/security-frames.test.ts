import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import process from '#process'
import { type OpenedBridge, TOKEN } from '../../helpers/bridge.ts'
import { clientFrame, type RawFrame, type RawWebSocket } from '../../helpers/raw-websocket.ts'
import { connect, openOne, type RawClient, stranger } from './helpers.ts'

const MIB = 1024 * 1024
/** The largest message, and what may be around it. */
const MOST = 1_000_000 + 512 * 1024

/** A connection before it has authenticated, and one after. */
const WHO = {
  stranger: ({ port }: OpenedBridge, t: Assertions) => stranger(t, port),
  client: async (node: OpenedBridge, t: Assertions) => (await connect(t, node)).socket
} as const

/** The same for both; whoever else is there notices nothing. */
async function forBoth(
  t: Assertions,
  run: (open: () => Promise<RawWebSocket>, who: keyof typeof WHO) => Promise<void>
): Promise<void> {
  const node = await openOne(t)
  const witness = await connect(t, node)
  for (const who of ['stranger', 'client'] as const) await run(() => WHO[who](node, t), who)
  await isWell(t, node, witness)
}

async function isWell(t: Assertions, node: OpenedBridge, witness: RawClient): Promise<void> {
  t.is((await witness.ask({ type: 'ping' })).type, 'pong', 'another client noticed nothing')
  t.is((await (await connect(t, node)).ask({ type: 'ping' })).type, 'pong')
  t.alike(
    node.lines.filter((line) => / error /.test(line)),
    []
  )
}

test('frames against the protocol, each with its code', { timeout: 120_000 }, async (t) => {
  const text = '{"type":"ping"}'
  const bad = b4a.from('7b22ff7d', 'hex')
  const half = b4a.from('e282', 'hex')
  const rows: [what: string, frames: RawFrame[], code: number][] = [
    ['unmasked', [{ payload: text, masked: false }], 1002],
    ['compressed: RSV1', [{ payload: text, rsv: 4 }], 1002],
    ['RSV2', [{ payload: text, rsv: 2 }], 1002],
    ['RSV3', [{ payload: text, rsv: 1 }], 1002],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): (typeof rows)[number] => [
      `opcode ${opcode}`,
      [{ opcode, payload: text }],
      1002
    ]),
    ['binary', [{ opcode: 2, payload: text }], 1003],
    ['a ping of 126 bytes', [{ opcode: 9, payload: 'x'.repeat(126) }], 1002],
    ['a pong of 126 bytes', [{ opcode: 10, payload: 'x'.repeat(126) }], 1002],
    ['a close of 126 bytes', [{ opcode: 8, payload: 'x'.repeat(126) }], 1002],
    ['a ping in fragments', [{ opcode: 9, fin: false, payload: 'x' }], 1002],
    ['half a close code', [{ opcode: 8, payload: 'x' }], 1002],
    ['a close code that is none', [{ opcode: 8, payload: b4a.from([0, 7]) }], 1002],
    ['a close reason that is no UTF-8', [{ opcode: 8, payload: b4a.from('03e8ff', 'hex') }], 1007],
    ['nothing to continue', [{ opcode: 0, payload: text }], 1002],
    ['a message within another', [{ fin: false, payload: '{' }, { payload: text }], 1002],
    ['a length of too many bytes', [{ payload: text, lengthBytes: 2 }], 1002],
    ['a length of far too many', [{ payload: text, lengthBytes: 8 }], 1002],
    ['a length of 2^63', [{ declaredLength: 2n ** 63n, lengthBytes: 8 }], 1002],
    ['a length of 2^63 - 1', [{ declaredLength: 2n ** 63n - 1n, lengthBytes: 8 }], 1009],
    ['no UTF-8', [{ payload: bad }], 1007],
    ['half a letter', [{ payload: half }], 1007],
    ['a surrogate', [{ payload: b4a.from('eda080', 'hex') }], 1007],
    ['an overlong slash', [{ payload: b4a.from('c0af', 'hex') }], 1007],
    ['above the last letter', [{ payload: b4a.from('f4908080', 'hex') }], 1007],
    [
      'no UTF-8 in fragments',
      [
        { fin: false, payload: '{"type":"ping"' },
        { opcode: 0, fin: false, payload: bad },
        { opcode: 0, payload: '}' }
      ],
      1007
    ],
    [
      'half a letter at the end',
      [
        { fin: false, payload: 'x' },
        { opcode: 0, payload: half }
      ],
      1007
    ]
  ]
  await forBoth(t, async (open, who) => {
    for (const [what, frames, code] of rows) {
      const socket = await open()
      for (const frame of frames) socket.sendFrame(frame)
      t.is(await socket.nextClose(), code, `${who}: ${what}`)
      await socket.closed
    }
  })
})

test('a letter that is cut by a fragment is a letter', async (t) => {
  await forBoth(t, async (open) => {
    const socket = await open()
    const bytes = b4a.from('{"type":"\u20ac\ud83d\ude80","id":7}')
    for (let at = 0; at < bytes.byteLength; at++) {
      socket.sendFrame({
        opcode: at === 0 ? 1 : 0,
        fin: at === bytes.byteLength - 1,
        payload: bytes.subarray(at, at + 1)
      })
      if (at % 5 === 0) socket.sendFrame({ opcode: 9, payload: String(at) })
    }
    let event = await socket.next()
    while (event.kind === 'pong') event = await socket.next()
    if (event.kind !== 'text') throw new Error(event.kind)
    t.is(JSON.parse(event.text).id, 7)
  })
})

test('a frame of 50 MB, declared', async (t) => {
  await forBoth(t, async (open, who) => {
    const socket = await open()
    const header = clientFrame({ declaredLength: 50 * MIB })
    socket.sendRaw(header)
    t.is(await socket.nextClose(), 1009, `${who}: refused by its header`)
  })
})

test('a frame of 50 MB, sent', { timeout: 120_000 }, async (t) => {
  await forBoth(t, async (open, who) => {
    const socket = await open()
    const before = process.memoryUsage().rss
    const piece = b4a.alloc(256 * 1024, 120)
    socket.sendRaw(clientFrame({ declaredLength: 50 * MIB }))
    let sent = 0
    const closed = socket.nextClose()
    let over = false
    const gone = socket.closed.then(() => {
      over = true
    })
    while (sent < 50 * MIB && !over) {
      sent += piece.byteLength
      if (socket.stream.socket.write(piece)) continue
      await Promise.race([new Promise((resolve) => socket.stream.socket.once('drain', resolve)), gone])
    }
    t.ok([1009, null].includes(await closed), `${who}: refused after ${sent} bytes`)
    await gone
    t.ok(sent < 50 * MIB, 'and not read to its end')
    const more = process.memoryUsage().rss - before
    t.ok(more < 40 * MIB, `${who}: ${Math.round(more / 1024)} KiB more`)
  })
})

test('the limit is what is allowed, to the byte', async (t) => {
  await forBoth(t, async (open, who) => {
    const most = who === 'stranger' ? 4096 : MOST
    const request = (bytes: number) => '{"type":"ping","id":1,"x":""}'.padEnd(bytes)
    const whole = await open()
    whole.sendText(request(most))
    t.is((await whole.nextJson<{ id: number }>()).id, 1, `${who}: ${most} bytes`)
    whole.sendText(request(most + 1))
    t.is(await whole.nextClose(), 1009, 'one more')
    const parts = await open()
    parts.sendFrame({ fin: false, payload: request(most) })
    parts.sendFrame({ opcode: 0, payload: '' })
    t.is((await parts.nextJson<{ id: number }>()).id, 1, 'in fragments')
    parts.sendFrame({ fin: false, payload: request(most) })
    parts.sendFrame({ opcode: 0, payload: ' ' })
    t.is(await parts.nextClose(), 1009, 'one more in a fragment of its own')
  })
})

test('bombs of fragments', { timeout: 120_000 }, async (t) => {
  await forBoth(t, async (open, who) => {
    const most = who === 'stranger' ? 4096 : MOST
    const empty = clientFrame({ opcode: 0, fin: false })
    const small = clientFrame({ opcode: 0, fin: false, payload: 'x'.repeat(10) })
    const large = clientFrame({ opcode: 0, fin: false, payload: 'x'.repeat(Math.ceil(most / 100)) })
    const bombs: [what: string, fragment: Uint8Array, count: number, codes: readonly number[]][] = [
      ['a hundred thousand empty ones', empty, 100_000, [1008]],
      ['a hundred thousand small ones', small, 100_000, [1008, 1009]],
      ['few that are too much together', large, 200, who === 'stranger' ? [1008] : [1009]]
    ]
    for (const [what, fragment, count, codes] of bombs) {
      const socket = await open()
      const before = process.memoryUsage().rss
      socket.sendFrame({ fin: false, payload: '{' })
      socket.sendRaw(b4a.concat(Array.from({ length: count }, () => fragment)))
      const code = await socket.nextClose()
      // What comes after the last word may cut it off.
      t.ok(code === null || codes.includes(code), `${who}: ${what}: ${code}`)
      await socket.closed
      const more = process.memoryUsage().rss - before
      t.ok(more < 40 * MIB, `${Math.round(more / 1024)} KiB more`)
    }
  })
})

test('a stranger has sixty-four frames and 32 KiB, whoever has authenticated has no such end', async (t) => {
  const node = await openOne(t)
  const witness = await connect(t, node)
  const ping = clientFrame({ opcode: 9 })
  const text = clientFrame({ payload: '{"type":"ping"}'.padEnd(4096) })
  const most: [what: string, frame: Uint8Array, count: number][] = [
    ['pings', ping, 64],
    ['pongs', clientFrame({ opcode: 10 }), 64],
    ['fragments', clientFrame({ opcode: 0, fin: false }), 63],
    ['bytes', text, 8]
  ]
  for (const [what, frame, count] of most) {
    const socket = await stranger(t, node.port)
    if (what === 'fragments') socket.sendFrame({ fin: false, payload: '' })
    socket.sendRaw(b4a.concat(Array.from({ length: count }, () => frame)))
    socket.sendFrame({ opcode: 9, payload: 'x' })
    let event = await socket.next()
    while (event.kind !== 'close') event = await socket.next()
    t.alike([event.code, event.reason], [1008, 'Authenticate first.'], what)
  }
  const socket = await stranger(t, node.port)
  socket.sendRaw(b4a.concat(Array.from({ length: 63 }, () => ping)))
  const auth = clientFrame({ payload: JSON.stringify({ type: 'auth', token: TOKEN }) })
  const large = clientFrame({ payload: '{"type":"ping","id":9}'.padEnd(100_000) })
  socket.sendRaw(b4a.concat([auth, ...Array.from({ length: 3000 }, () => ping), large]))
  let event = await socket.next()
  while (event.kind === 'pong' || (event.kind === 'text' && !event.text.includes('"id":9')))
    event = await socket.next()
  t.is(event.kind, 'text', 'lifted by the sixty-fourth, for what comes with it too')
  await isWell(t, node, witness)
})
