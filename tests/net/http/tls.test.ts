import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import process from '#process'
import { Client, drained, exchange, openServer, requestText, TLS, upgradeText } from './helpers.ts'

// A ClientHello that begins well, and the record of an alert.
const HELLO = b4a.from('16030100c4010000c00303', 'hex')
const ALERT = b4a.from('15030100020228', 'hex')

test('requests and upgrades over TLS', async (t) => {
  const { server, port } = await openServer(t, {
    tls: TLS,
    onupgrade: (_request, socket, head) => {
      socket.write(b4a.from('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
      socket.write(head)
      socket.on('data', (data: Uint8Array) => socket.write(data))
    }
  })
  t.ok(server.isSecure)
  const answer = await exchange(port, requestText(port), { secure: true })
  t.is(answer.status, 200)
  t.ok(answer.text.endsWith('{"ok":true}'))
  t.is((await exchange(port, requestText(port, { host: 'evil.example' }), { secure: true })).status, 403)
  t.is((await exchange(port, requestText(port, { target: '/x' }), { secure: true })).status, 404)
  t.is((await exchange(port, 'garbage\r\n\r\n', { secure: true })).status, 400)
  t.is((await exchange(port, upgradeText(port, { target: '/x' }), { secure: true })).status, 404)
  const client = new Client(port, { secure: true }).write(`${upgradeText(port)}early`)
  await client.saw('early')
  client.write('later')
  await client.saw('earlylater')
  t.is(server.connections.pending, 1)
  client.destroy()
  await drained(server)
})

test('what is not TLS gets no answer, and disturbs nobody', async (t) => {
  const { server, port, lines } = await openServer(t, { tls: TLS })
  const rows = [b4a.from(requestText(port)), b4a.from('\r\n'), HELLO, ALERT, b4a.alloc(20_000, 0x16)]
  for (const bytes of rows) {
    const client = new Client(port)
    client.write(bytes)
    await client.connected
    // Some are refused at once; some could still become something, and are left.
    client.write(b4a.alloc(100))
    client.destroy()
    await client.closed
    t.absent(client.text.startsWith('HTTP/'), b4a.toString(bytes.subarray(0, 8), 'hex'))
  }
  await drained(server)
  t.is((await exchange(port, requestText(port), { secure: true })).status, 200)
  t.alike(lines, [])
})

test('a handshake has its time, and counts from its first moment', async (t) => {
  const { server, port } = await openServer(t, { tls: TLS, pending: { max: 8, timeMs: 400 } })
  const clients = Array.from({ length: 100 }, (_, i) => {
    const client = new Client(port)
    return i % 2 === 0 ? client : client.write(HELLO)
  })
  for (const client of clients) {
    await client.connected
    t.ok(server.connections.sockets <= 8, `${server.connections.sockets} at a time`)
  }
  t.is((await exchange(port, requestText(port), { secure: true })).status, 200)
  for (const client of clients) await client.closed
  await drained(server)
  t.ok(server.counts.expired > 0 && server.counts.evicted >= 92)
})

test('a handshake that is broken off leaves nothing behind', async (t) => {
  const { server, port } = await openServer(t, { tls: TLS })
  const abort = async () => {
    const client = new Client(port).write(HELLO)
    await client.connected
    client.destroy()
    await client.closed
  }
  const abortMany = async (times: number) => {
    for (let i = 0; i < times; i++) await Promise.all(Array.from({ length: 20 }, abort))
  }
  await abortMany(25)
  const before = process.memoryUsage().rss
  await abortMany(75)
  await drained(server)
  const grown = (process.memoryUsage().rss - before) / 1500
  // Kept for good, each would cost more than the 64 KiB it reads into.
  t.ok(grown < 40_000, `${Math.round(grown)} bytes for each of 1500`)
})

test('no bytes end the process', async (t) => {
  const { server, port } = await openServer(t, { tls: TLS })
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.constantFrom(HELLO, ALERT, b4a.from('1403030001011603030028', 'hex'), b4a.from('1703030010', 'hex'))
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
      const client = new Client(port)
      await client.connected
      for (const bytes of pieces) client.write(bytes)
      client.end()
      await client.closed
    }),
    { numRuns: 300 }
  )
  // The same, within what is TLS.
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
      const client = new Client(port, { secure: true })
      client.write(requestText(port))
      client.writeRaw(bytes)
      // It may be the beginning of a record that never ends.
      client.end()
      await client.closed
    }),
    { numRuns: 100 }
  )
  await drained(server)
  t.is((await exchange(port, requestText(port), { secure: true })).status, 200)
})
