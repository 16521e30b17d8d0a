import type { Duplex } from 'node:stream'
import b4a from 'b4a'
import test from 'brittle'
import type { Lease } from '../../../src/http/acceptor.ts'
import type { UpgradeHandler } from '../../../src/http/guarded-server.ts'
import {
  Client,
  drained,
  exchange,
  openServer,
  type RequestParts,
  TLS,
  UPGRADE,
  upgradeText
} from './helpers.ts'

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\n\r\n'

/** Says hello, and echoes. */
const echo: UpgradeHandler = (_request, socket, head) => {
  socket.write(b4a.from(SWITCHING))
  if (head.byteLength > 0) socket.write(head)
  socket.on('data', (data: Uint8Array) => socket.write(data))
}

test('an upgrade hands the connection over, with what came behind the head', async (t) => {
  const { server, port } = await openServer(t, { onupgrade: echo })
  const client = new Client(port).write(`${upgradeText(port)}early`)
  await client.saw(`${SWITCHING}early`)
  client.write('later')
  await client.saw('earlylater')
  t.alike(server.connections, { sockets: 1, pending: 1 })
  client.destroy()
  await client.closed
  const tagged = new Client(port).write(upgradeText(port, { target: '/?client=a' }))
  await tagged.saw(SWITCHING)
  t.pass('a harmless query')
})

test('what is no upgrade for us', async (t) => {
  let upgrades = 0
  const { port } = await openServer(t, {
    allowOrigins: ['https://app.example'],
    onupgrade: (_request, socket) => {
      upgrades++
      socket.destroy()
    }
  })
  const without = (name: string) => UPGRADE.filter((line) => !line.startsWith(name))
  const rows: [status: number, parts: RequestParts][] = [
    [400, { host: null }],
    [403, { host: 'evil.example' }],
    [403, { headers: [...UPGRADE, 'Origin: null'] }],
    [403, { headers: [...UPGRADE, 'Origin: https://evil.example'] }],
    [400, { target: '/?token=abc' }],
    [404, { target: '/socket' }],
    [404, { target: '/healthz' }],
    [400, { headers: [...without('Upgrade'), 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA'] }],
    [400, { headers: [...without('Upgrade'), 'Upgrade: websocket, h2c'] }],
    [400, { headers: without('Sec-WebSocket-Key') }],
    [400, { headers: without('Sec-WebSocket-Version') }],
    [426, { headers: [...without('Sec-WebSocket-Version'), 'Sec-WebSocket-Version: 7'] }],
    [400, { headers: [...without('Sec-WebSocket-Key'), 'Sec-WebSocket-Key: short'] }],
    [400, { headers: without('Connection') }],
    [400, { headers: [...UPGRADE, 'Content-Length: 1'] }],
    [400, { headers: [...UPGRADE, 'Content-Length: 5'] }],
    [405, { method: 'POST' }],
    [400, { version: 'HTTP/1.0' }]
  ]
  for (const [status, parts] of rows) {
    const { text } = await exchange(port, `${upgradeText(port, parts)}hello`)
    t.ok(
      text.startsWith(`HTTP/1.1 ${status} `),
      `${status} for ${JSON.stringify(parts)}, got ${text.slice(9, 12)}`
    )
  }
  t.is(upgrades, 0)
  const allowed = await exchange(
    port,
    upgradeText(port, { headers: [...UPGRADE, 'Origin: https://app.example'] })
  )
  t.is(allowed.text, '')
  t.is(upgrades, 1)
})

for (const secure of [false, true]) {
  test(`a refused upgrade gets its answer, however much the client sends${secure ? ', over TLS' : ''}`, async (t) => {
    const { server, port } = await openServer(t, { tls: secure ? TLS : null, onupgrade: echo })
    const headers = UPGRADE.map((line) => line.replace(': 13', ': 12'))
    const client = new Client(port, { secure })
    client.write(upgradeText(port, { headers })).write(b4a.alloc(300_000))
    await client.saw('Sec-WebSocket-Version must be 13.\n')
    t.is(client.status, 426)
    for (const line of ['Connection: Upgrade, close', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'])
      t.ok(client.text.includes(`\r\n${line}\r\n`), line)
    await client.closed
    await drained(server)
    t.alike(server.connections, { sockets: 0, pending: 0 })
  })
}

test('whoever hears a refusal while writing is not reset', async (t) => {
  const { port } = await openServer(t, { onupgrade: echo })
  const client = new Client(port, { halfOpen: true }).write(upgradeText(port, { target: '/socket' }))
  await client.saw('There is nothing here.')
  for (let i = 0; i < 8; i++) await client.wrote(b4a.alloc(64 * 1024))
  t.absent(client.isBroken)
  client.end()
  await client.closed
  t.absent(client.isBroken)
})

test('whoever goes on after a refusal is cut off', async (t) => {
  const { server, port } = await openServer(t, { onupgrade: echo })
  const client = new Client(port, { halfOpen: true }).write(upgradeText(port, { target: '/socket' }))
  await client.saw('There is nothing here.')
  client.write(b4a.alloc(2 * 1024 * 1024))
  await drained(server)
  t.is(server.counts.expired, 0, 'before its time is up')
  // All that it wrote may be on its way: then it hears of nothing.
  client.destroy()
})

test('a handler that fails costs its connection only', async (t) => {
  const { port, lines } = await openServer(t, {
    onupgrade: () => {
      throw new Error('no')
    }
  })
  t.is((await exchange(port, upgradeText(port))).text, '')
  t.is(lines.length, 1)
  t.ok(lines[0]?.includes('a handler failed at=upgrade'))
})

test('an error of a connection that was handed over ends only it', async (t) => {
  const sockets: Duplex[] = []
  const { port } = await openServer(t, {
    onupgrade: (request, socket, head, lease) => {
      sockets.push(socket)
      echo(request, socket, head, lease)
    }
  })
  const clients = [0, 1].map(() => new Client(port).write(upgradeText(port)))
  for (const client of clients) await client.saw(SWITCHING)
  sockets[0]?.destroy(new Error('on purpose'))
  await Promise.race(clients.map((client) => client.closed))
  const left = clients.find((client) => !client.isClosed)
  left?.write('still here')
  await left?.saw('still here')
  t.pass()
})

test('who has authenticated is neither evicted nor expired', async (t) => {
  const leases: Lease[] = []
  const { server, port } = await openServer(t, {
    pending: { max: 2, timeMs: 200 },
    onupgrade: (request, socket, head, lease) => {
      leases.push(lease)
      echo(request, socket, head, lease)
    }
  })
  const client = new Client(port).write(upgradeText(port))
  await client.saw(SWITCHING)
  t.is(leases[0]?.remoteAddress, '127.0.0.1')
  t.ok(leases[0]?.release())
  t.absent(leases[0]?.release(), 'once')
  t.alike(server.connections, { sockets: 1, pending: 0 })
  const others = [0, 1, 2].map(() => new Client(port))
  for (const other of others) await other.closed
  t.alike({ ...server.counts, accepted: 0 }, { accepted: 0, evicted: 1, expired: 2 })
  client.write('still here')
  await client.saw('still here')
})

test('at the end of a lease there is time for a goodbye, and no more', async (t) => {
  const reasons: string[] = []
  const { server, port, lines } = await openServer(t, {
    pending: { max: 1, timeMs: 200 },
    onupgrade: (request, socket, head, lease) => {
      echo(request, socket, head, lease)
      lease.onend = (reason) => {
        reasons.push(reason)
        socket.write(b4a.from(`goodbye ${reason}`))
        t.absent(lease.release(), 'too late')
        throw new Error('a fault of the owner')
      }
    }
  })
  const first = new Client(port).write(upgradeText(port))
  await first.saw(SWITCHING)
  const second = new Client(port).write(upgradeText(port))
  await second.saw('goodbye expired')
  for (const client of [first, second]) await client.closed
  await drained(server)
  t.alike(reasons, ['evicted', 'expired'])
  t.ok(first.text.endsWith('goodbye evicted'))
  t.alike(server.connections, { sockets: 0, pending: 0 })
  t.is(lines.filter((line) => line.includes('a handler failed')).length, 2)
})
