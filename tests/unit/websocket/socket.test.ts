import type { Socket } from 'node:net'
import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import net from '#net'
import { isGone } from '../../../src/base/stream.ts'
import { textFrame } from '../../../src/websocket/frames.ts'
import { WebSocketConnection } from '../../../src/websocket/socket.ts'
import { fuzzSeeds } from '../../helpers/fuzz-seeds.ts'
import { Heard } from '../../helpers/heard.ts'
import { clientFrame, RawStream, RawWebSocket, upgradeRequest } from '../../helpers/raw-websocket.ts'
import { openServer, roundTrips, type Served } from './helpers.ts'

for (const tls of [false, true]) {
  const kind = tls ? 'TLS' : 'TCP'

  test(`${kind}: texts both ways, in order`, async (t) => {
    const { client } = await openServer(t, { tls, limit: 100_000 })
    const [socket, { connection, messages }] = await client()
    const texts = ['Hello', '', 'é€😀', 'a'.repeat(126), 'b'.repeat(70_000), 'last']
    for (const text of texts) socket.sendText(text)
    await messages.count(texts.length)
    t.ok(messages.all.join() === texts.join(), 'as sent')
    for (const text of texts) connection.send(textFrame(text))
    for (const text of texts) t.ok((await socket.nextText()) === text, `${text.length} characters`)
    await roundTrips(socket, messages, 1)
    t.is(connection.bufferedBytes, 0)
  })

  test(`${kind}: pings are answered`, async (t) => {
    const { client } = await openServer(t, { tls })
    const [socket] = await client()
    socket.sendFrame({ opcode: 9, payload: 'are you there' })
    t.alike(await socket.next(), { kind: 'pong', payload: b4a.from('are you there') })
  })

  test(`${kind}: the client closes`, async (t) => {
    const { client } = await openServer(t, { tls })
    const [socket, { closes, connection, messages }] = await client()
    const close = clientFrame({ opcode: 8, payload: b4a.from([15, 160]) })
    const [a, b, ping] = [{ payload: 'a' }, { payload: 'b' }, { opcode: 9 }].map(clientFrame)
    socket.sendRaw(b4a.concat([a, ping, close, b] as Uint8Array[]))
    t.alike(await socket.next(), { kind: 'pong', payload: b4a.alloc(0) })
    t.alike(await socket.next(), { kind: 'close', code: 4000, reason: '' })
    t.alike(await socket.next(), { kind: 'gone' }, 'the server ends the connection')
    socket.end()
    await closes.count(1)
    t.alike([messages.all, closes.all, connection.isOpen], [['a'], [4000], false])
    t.ok(connection.send(textFrame('nobody')), 'nothing to wait for')
  })

  test(`${kind}: a close without a code is answered without one`, async (t) => {
    const { client } = await openServer(t, { tls })
    const [socket, { closes }] = await client()
    socket.sendClose()
    t.alike(await socket.next(), { kind: 'close', code: 1005, reason: '' })
    socket.end()
    await closes.count(1)
    t.alike(closes.all, [1005])
  })

  test(`${kind}: the server closes, and what it sent before arrives`, async (t) => {
    const { client } = await openServer(t, { tls })
    const [socket, { closes, connection, messages }] = await client()
    connection.send(textFrame('last words'))
    connection.close(4001, 'enough')
    connection.close(4002)
    t.is(await socket.nextText(), 'last words')
    t.alike(await socket.next(), { kind: 'close', code: 4001, reason: 'enough' })
    socket.sendText('not heard')
    socket.sendClose(4001)
    t.alike(await socket.next(), { kind: 'gone' }, 'one close frame, then the end')
    socket.end()
    await closes.count(1)
    t.alike([messages.all, closes.all], [[], [4001]])
  })

  test(`${kind}: a paused connection closes too`, async (t) => {
    const { client } = await openServer(t, { tls, goodbye: 1_000_000 })
    const [socket, { closes, connection, messages }] = await client()
    connection.pause()
    socket.sendText('not heard')
    connection.close(1008)
    t.is(await socket.nextClose(), 1008)
    socket.sendClose(1008)
    t.alike(await socket.next(), { kind: 'gone' })
    socket.end()
    await closes.count(1)
    t.alike([messages.all, closes.all], [[], [1008]])
  })

  test(`${kind}: a client that takes no part in the end is gone all the same`, async (t) => {
    const { client } = await openServer(t, { tls, goodbye: 50 })
    const [silent, a] = await client()
    a.connection.close(1001)
    const [lingering, b] = await client()
    lingering.sendFrame({ rsv: 1 })
    await Promise.all([a.closes.count(1), b.closes.count(1), silent.closed, lingering.closed])
    t.alike([a.closes.all, b.closes.all], [[1001], [1002]])
  })

  test(`${kind}: one that vanishes, ends or is destroyed is reported once`, async (t) => {
    const { client } = await openServer(t, { tls })
    const [vanishing, a] = await client()
    vanishing.destroy()
    const [ending, b] = await client()
    ending.end()
    const [destroyed, c] = await client()
    c.connection.destroy()
    t.alike(c.closes.all, [], 'not within the call')
    c.connection.destroy()
    c.connection.close()
    await Promise.all([a.closes.count(1), b.closes.count(1), c.closes.count(1), destroyed.closed])
    const [other, { messages }] = await client()
    await roundTrips(other, messages, 3)
    for (const { closes, connection } of [a, b, c]) t.alike([closes.all, connection.isOpen], [[1006], false])
  })

  test(`${kind}: a fault is named in the close frame`, async (t) => {
    const { client } = await openServer(t, { tls, limit: 100 })
    const rows: [code: number, bytes: Uint8Array][] = [
      [1002, clientFrame({ masked: false, payload: 'a' })],
      [1002, clientFrame({ rsv: 4, payload: 'a' })],
      [1003, clientFrame({ opcode: 2, payload: 'a' })],
      [1007, clientFrame({ payload: b4a.from([0xff]) })],
      [1009, clientFrame({ declaredLength: 101 })]
    ]
    for (const [code, bytes] of rows) {
      const [socket, { closes, messages }] = await client()
      // What follows is not read as frames, and must not cost the client the close frame.
      socket.sendRaw(b4a.concat([bytes, b4a.alloc(300_000, 0x55)]))
      t.is(await socket.nextClose(), code)
      socket.end()
      await closes.count(1)
      t.alike([closes.all, messages.all], [[code], []])
    }
  })

  test(`${kind}: who goes on for ever after a fault is cut off`, async (t) => {
    const { client } = await openServer(t, { tls, goodbye: 1_000_000 })
    const [socket, { closes }] = await client()
    socket.sendFrame({ rsv: 1 })
    const more = b4a.alloc(64 * 1024)
    const write = () => {
      if (!isGone(socket.stream.socket)) socket.stream.socket.write(more, (error) => error || write())
    }
    write()
    await closes.count(1)
    t.alike(closes.all, [1002])
  })

  test(`${kind}: who sends without stopping leaves the others their turn, and is heard to the end`, async (t) => {
    const { client } = await openServer(t, { tls })
    for (const pause of [false, true]) {
      const [socket, served] = await client()
      const texts = Array.from({ length: 5000 }, (_, i) => `${i}`)
      let heardInOneTurn = 0
      served.onmessage = (text) => {
        if (text === '0') setImmediate(() => (heardInOneTurn = served.messages.all.length))
        if (!pause) return
        served.connection.pause()
        queueMicrotask(() => served.connection.resume())
      }
      socket.sendRaw(b4a.concat(texts.map((payload) => clientFrame({ payload }))))
      if (pause) {
        socket.sendClose(4000)
        await socket.nextClose()
      }
      socket.end()
      await served.closes.count(1)
      t.ok(heardInOneTurn > 0 && heardInOneTurn <= 256, `${heardInOneTurn} in one turn`)
      t.ok(served.messages.all.join() === texts.join(), 'all of it, in order')
      t.alike(served.closes.all, [pause ? 4000 : 1006])
    }
  })
}

test('frames that come along with the handshake', async (t) => {
  const { port, served } = await openServer(t)
  const stream = await RawStream.open(t, port)
  const frames = [clientFrame({ payload: 'early' }), clientFrame({ payload: 'half' })]
  const bytes = b4a.concat([b4a.from(upgradeRequest(port, {})), ...frames])
  stream.send(bytes.subarray(0, -3))
  await served.count(1)
  const [{ messages }] = served.all as [Served]
  await messages.count(1)
  t.alike(messages.all, ['early'])
  stream.send(bytes.subarray(-3))
  await messages.count(2)
  t.alike(messages.all, ['early', 'half'])
})

test('a limit raised by the first message holds for the next, even in one piece', async (t) => {
  const { client } = await openServer(t, { limit: 10 })
  const [socket, served] = await client()
  served.onmessage = () => {
    served.connection.limit = 1000
  }
  const long = 'x'.repeat(1000)
  socket.sendRaw(b4a.concat([clientFrame({ payload: 'let me' }), clientFrame({ payload: long })]))
  await served.messages.count(2)
  t.alike(served.messages.all, ['let me', long])
  socket.sendText(`${long}x`)
  t.is(await socket.nextClose(), 1009)
})

test('a budget is used up by frames of every kind, and by bytes, until it is lifted', async (t) => {
  const budget = { frames: 4, bytes: 100, reason: 'Enough.' }
  const { client } = await openServer(t, { budget })
  const enough = { kind: 'close', code: 1008, reason: 'Enough.' }
  const [text, ping, pong] = [{ payload: 'a' }, { opcode: 9 }, { opcode: 10 }].map(clientFrame)
  const [many, a] = await client()
  many.sendRaw(b4a.concat([text, pong, pong, text, pong, text] as Uint8Array[]))
  t.alike(await many.next(), enough)
  t.alike(a.messages.all, ['a', 'a'])
  const [large, b] = await client()
  const half = clientFrame({ payload: 'x'.repeat(50) })
  large.sendRaw(b4a.concat([half, half, text] as Uint8Array[]))
  t.alike(await large.next(), enough)
  t.is(b.messages.all.length, 2)
  const [known, c] = await client()
  c.onmessage = () => {
    c.connection.budget = null
  }
  known.sendRaw(b4a.concat([pong, pong, pong, text, ...Array(100).fill(half), ping] as Uint8Array[]))
  t.is((await known.next()).kind, 'pong')
  t.is(c.messages.all.length, 101)
  for (const socket of [many, large]) socket.end()
})

test('a handler that throws ends that client, and is reported', async (t) => {
  const { client } = await openServer(t)
  const [socket, served] = await client()
  const [other, { messages }] = await client()
  served.onmessage = (text) => {
    throw new Error(`cannot ${text}`)
  }
  served.onclose = () => {
    throw new Error('cannot even close')
  }
  socket.sendRaw(b4a.concat([clientFrame({ payload: 'one' }), clientFrame({ payload: 'two' })]))
  t.alike(await socket.next(), { kind: 'close', code: 1011, reason: 'internal error' })
  socket.sendClose(1011)
  t.alike(await socket.next(), { kind: 'gone' })
  socket.end()
  await served.faults.count(2)
  t.alike(
    served.faults.all.map((error) => (error as Error).message),
    ['cannot one', 'cannot even close']
  )
  t.alike([served.messages.all, served.closes.all], [['one'], [1011]])
  await roundTrips(other, messages, 1)
})

test('one frame for many clients', async (t) => {
  const { client } = await openServer(t)
  const frame = textFrame('to all of you')
  const copy = b4a.from(frame)
  const clients = await Promise.all(Array.from({ length: 30 }, client))
  for (const [, { connection }] of clients) for (let i = 0; i < 3; i++) connection.send(frame)
  for (const [socket] of clients) for (let i = 0; i < 3; i++) t.is(await socket.nextText(), 'to all of you')
  t.ok(b4a.equals(frame, copy), 'nobody changed it')
})

test('a socket that was destroyed before', async (t) => {
  const closes = new Heard<number>()
  const faults = new Heard<unknown>()
  const serve = (socket: Socket) => {
    const handlers = {
      onmessage: () => {},
      onclose: (code: number) => closes.add(code),
      onfault: (error: unknown) => faults.add(error)
    }
    new WebSocketConnection(socket, b4a.alloc(0), handlers, { limit: 10 }).send(textFrame('anybody'))
  }
  const server = net.createServer((socket) => {
    socket.on('error', () => {})
    socket.on('close', () => serve(socket))
    socket.destroy()
    serve(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => new Promise((resolve) => server.close(resolve)))
  const stream = await RawStream.open(t, (server.address() as { port: number }).port)
  await Promise.all([closes.count(2), stream.closed])
  t.alike([closes.all, faults.all], [[1006, 1006], []])
})

test('garbage after a sound handshake', async (t) => {
  const { port, served, client } = await openServer(t, { goodbye: 50 })
  const garbage = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 3000, size: 'max' }), {
    numRuns: 40,
    seed: fuzzSeeds().websocket[0] ?? 0
  })
  const codes = await Promise.all(
    garbage.map(async (bytes) => {
      const socket = await RawWebSocket.connect(t, port)
      socket.sendRaw(b4a.from(bytes))
      socket.end()
      return socket.nextClose()
    })
  )
  t.ok(
    codes.every((code) => code === null || [1002, 1003, 1007, 1009].includes(code)),
    codes.join()
  )
  t.ok(codes.filter((code) => code === 1002).length > 20)
  for (const { closes, faults } of served.all) {
    await closes.count(1)
    t.alike(faults.all, [])
  }
  const [socket, { messages }] = await client()
  await roundTrips(socket, messages, 1)
})
