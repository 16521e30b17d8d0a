import test from 'brittle'
import { Client, drained, exchange, openServer, requestText, upgradeText } from './helpers.ts'

const MAX = 64

test('connections that say nothing hold 64 places, and keep nobody out', async (t) => {
  const { server, port } = await openServer(t)
  const clients: Client[] = []
  let highest = 0
  for (let round = 0; round < 4; round++) {
    const silent = Array.from({ length: 500 }, () => new Client(port))
    clients.push(...silent)
    for (const client of silent) {
      await client.connected
      highest = Math.max(highest, server.connections.sockets)
    }
    t.is((await exchange(port, requestText(port))).status, 200, `round ${round + 1}`)
  }
  t.ok(highest <= MAX, `${highest} at a time`)
  t.is(server.counts.accepted, 2004)
  t.ok(server.counts.evicted >= 2004 - MAX - 4)
  for (const client of clients) client.destroy()
  await Promise.all(clients.map((client) => client.closed))
  await drained(server)
  t.alike(server.connections, { sockets: 0, pending: 0 })
})

test('a WebSocket that has not authenticated yet outlasts connections that say nothing', async (t) => {
  const { server, port } = await openServer(t, {
    pending: { max: 8 },
    onupgrade: (_request, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  })
  const slow = new Client(port).write(upgradeText(port))
  await slow.saw('101')
  const silent = Array.from({ length: 200 }, () => new Client(port))
  while (server.counts.evicted < 190) await exchange(port, requestText(port))
  t.absent(slow.isClosed)
  slow.destroy()
  for (const client of silent) client.destroy()
  await Promise.all([slow, ...silent].map((client) => client.closed))
})

test('a request has its time, however busily it dribbles', async (t) => {
  const { server, port } = await openServer(t, { pending: { timeMs: 300 } })
  const head = requestText(port, { headers: ['X: y'] })
  const heads = [head.slice(0, 3), head.slice(0, -2), `${head.slice(0, -2)}Content-Length: 5`, '\r\n', '']
  const slow = heads.map((text) => new Client(port).write(text))
  const dribble = setInterval(() => {
    for (const client of slow) if (!client.isClosed) client.write('y')
  }, 20)
  t.teardown(() => clearInterval(dribble))
  for (const client of slow) await client.closed
  t.ok(slow.every((client) => client.status !== 200))
  t.is(server.connections.pending, 0)
  t.is((await exchange(port, requestText(port))).status, 200)
})

test('an answer that nobody reads is given up', async (t) => {
  const { server, port } = await openServer(t, { pending: { timeMs: 300 } })
  let asked: () => void = () => {}
  const arrived = new Promise<void>((resolve) => {
    asked = resolve
  })
  server.get('/big', () => {
    asked()
    return { status: 200, contentType: 'text/plain', body: 'x'.repeat(30_000_000) }
  })
  const client = new Client(port)
  client.pause()
  client.write(requestText(port, { target: '/big' }))
  await arrived
  while (server.counts.expired === 0) await exchange(port, requestText(port))
  client.resume()
  await client.closed
  t.ok(client.text.length < 30_000_000)
  t.is(server.connections.pending, 0)
})

test('an attack is heard of once, not once for each connection', async (t) => {
  const { server, port, lines } = await openServer(t, { pending: { max: 1 } })
  const clients = Array.from({ length: 20 }, () => new Client(port))
  for (const client of clients) await client.connected
  while (server.counts.evicted < 19) await exchange(port, requestText(port))
  t.is(lines.length, 1, lines.join('\n'))
  t.ok(lines[0]?.includes('warn  node: connections that did not authenticate were closed'))
  for (const client of clients) client.destroy()
})
