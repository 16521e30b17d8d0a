import b4a from 'b4a'
import test from 'brittle'
import { textFrame } from '../../../src/websocket/frames.ts'
import type { RawWebSocket } from '../../helpers/raw-websocket.ts'
import { clientFrame } from '../../helpers/raw-websocket.ts'
import { openServer, roundTrips, type Served } from './helpers.ts'

const PIECE = 64 * 1024
/** More than the buffers of the system hold between two ends that do not read. */
const PIECES = 512

/** Leaves the client with more than it takes while it reads nothing. */
function congest(socket: RawWebSocket, { connection }: Served): number {
  socket.stream.hold()
  const frame = textFrame('x'.repeat(PIECE))
  for (let i = 0; i < PIECES; i++) connection.send(frame)
  return PIECES * frame.byteLength
}

for (const tls of [false, true]) {
  const kind = tls ? 'TLS' : 'TCP'

  test(`${kind}: a client that does not read is waited for, then gets everything`, async (t) => {
    const { client } = await openServer(t, { tls, highWater: 100_000 })
    const [socket, served] = await client()
    const { connection, drains, messages } = served
    t.ok(connection.send(textFrame('there is room')))
    t.is(await socket.nextText(), 'there is room')
    const bytes = congest(socket, served)
    await roundTrips(socket, messages, 10)
    const more = textFrame('more')
    t.absent(connection.send(more))
    t.is(connection.bufferedBytes, bytes + more.byteLength)
    t.alike(drains.all, [])
    socket.stream.release()
    for (let i = 0; i < PIECES; i++) if ((await socket.nextText()).length !== PIECE) t.fail('another message')
    t.is(await socket.nextText(), 'more')
    await drains.count(1)
    t.ok((drains.all[0] ?? 0) < 100_000, 'told when there is room')
    t.ok(connection.send(textFrame('again')))
    t.is(await socket.nextText(), 'again')
    t.is(drains.all.length, 1)
  })

  test(`${kind}: one destroyed or closed while it does not read is gone`, async (t) => {
    const { client } = await openServer(t, { tls, goodbye: 50 })
    const [socket, served] = await client()
    congest(socket, served)
    await roundTrips(socket, served.messages, 3)
    served.connection.destroy()
    t.is(served.connection.bufferedBytes, 0)
    const [another, closing] = await client()
    congest(another, closing)
    await roundTrips(another, closing.messages, 3)
    closing.connection.close(1001)
    await Promise.all([served.closes.count(1), closing.closes.count(1)])
    t.alike([served.closes.all, closing.closes.all], [[1006], [1001]])
  })

  test(`${kind}: one closed while it does not read gets what was sent before, if it reads in time`, async (t) => {
    const { client } = await openServer(t, { tls, goodbye: 1_000_000 })
    const [socket, served] = await client()
    congest(socket, served)
    await roundTrips(socket, served.messages, 3)
    served.connection.close(4000)
    t.ok(served.connection.send(textFrame('dropped')))
    socket.stream.release()
    for (let i = 0; i < PIECES; i++) if ((await socket.nextText()).length !== PIECE) t.fail('another message')
    t.alike(await socket.next(), { kind: 'close', code: 4000, reason: '' })
    socket.sendClose(4000)
    t.alike(await socket.next(), { kind: 'gone' })
    socket.end()
    await served.closes.count(1)
    t.alike([served.closes.all, served.drains.all], [[4000], []])
  })

  test(`${kind}: one that vanishes while it does not read is noticed`, async (t) => {
    const { client } = await openServer(t, { tls })
    const [socket, served] = await client()
    congest(socket, served)
    await roundTrips(socket, served.messages, 3)
    socket.destroy()
    await served.closes.count(1)
    t.alike(served.closes.all, [1006])
  })

  test(`${kind}: one that vanishes while there is always more for it is noticed`, async (t) => {
    const { client } = await openServer(t, { tls })
    const [socket, served] = await client()
    const frame = textFrame('x'.repeat(PIECE))
    const fill = () => {
      while (served.connection.send(frame));
    }
    served.ondrain = fill
    fill()
    await socket.nextText()
    socket.stream.hold()
    await roundTrips(socket, served.messages, 20)
    socket.destroy()
    await served.closes.count(1)
    t.alike(served.closes.all, [1006])
  })

  test(`${kind}: nothing is read while paused`, async (t) => {
    const { client } = await openServer(t, { tls, limit: 2 * PIECE })
    const [socket, served] = await client()
    const [other, { messages: others }] = await client()
    const { connection, messages } = served
    served.onmessage = () => connection.pause()
    socket.sendRaw(b4a.concat(['1', '2', '3'].map((payload) => clientFrame({ payload }))))
    await messages.count(1)
    await roundTrips(other, others, 5)
    t.alike(messages.all, ['1'], 'not even what came along')
    connection.resume()
    await messages.count(2)
    await roundTrips(other, others, 5)
    t.alike(messages.all, ['1', '2'])
    served.onmessage = () => {}
    const flood = clientFrame({ payload: 'f'.repeat(PIECE) })
    let taken = 0
    for (let i = 0; i < PIECES; i++) socket.stream.socket.write(flood, (error) => error || taken++)
    // Each gives time to read a piece, if somebody did.
    await roundTrips(other, others, 2 * PIECES)
    t.ok(taken < PIECES, `the system took ${taken} of ${PIECES} pieces`)
    t.alike(messages.all, ['1', '2'])
    connection.resume()
    await messages.count(3 + PIECES)
    t.is(messages.all[2], '3')
    t.ok(messages.all.slice(3).every((text) => text.length === PIECE))
  })

  test(`${kind}: a flood of pings whose answers nobody reads`, async (t) => {
    const { client } = await openServer(t, { tls })
    const [socket, served] = await client()
    const bytes = congest(socket, served)
    await roundTrips(socket, served.messages, 3)
    const pings = Array.from({ length: 5000 }, (_, i) => clientFrame({ opcode: 9, payload: `${i}` }))
    socket.sendRaw(b4a.concat(pings))
    await roundTrips(socket, served.messages, 1)
    t.is(served.connection.bufferedBytes, bytes + 6, 'one answer waits')
    socket.stream.release()
    let event = await socket.next()
    while (event.kind === 'text') event = await socket.next()
    t.alike(event, { kind: 'pong', payload: b4a.from('4999') }, 'that to the last')
  })
}
