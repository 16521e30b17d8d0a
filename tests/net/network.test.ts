import b4a from 'b4a'
import test from 'brittle'
import DHT from 'hyperdht'
import Hyperswarm, { type Connection } from 'hyperswarm'
import Protomux from 'protomux'
import sodium from 'sodium-universal'
import UDX from 'udx-native'
import { LOOPBACK } from '../../src/network/local-dht.ts'
import type { Neighbour, Session } from '../../src/network/protocols.ts'
import { once, openNetwork, seedKeyPair, startDht } from '../helpers/swarm.ts'

const TOPIC = b4a.alloc(32, 7)

interface Heard {
  readonly from: string
  readonly text: string
}

/** Handlers that keep what they get and let a test wait for it. */
function listener() {
  const heard: Heard[] = []
  const sessions: Session[] = []
  const closed: Session[] = []
  const waiting: (() => void)[] = []
  const changed = () => {
    for (const wake of waiting.splice(0)) wake()
  }
  const until = async (done: () => boolean) => {
    while (!done()) await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const handlers = {
    onopen: (session: Session) => {
      sessions.push(session)
      changed()
    },
    onmessage: (session: Session, bytes: Uint8Array) => {
      heard.push({ from: session.neighbour.key, text: b4a.toString(bytes) })
      changed()
    },
    onclose: (session: Session) => {
      closed.push(session)
      changed()
    }
  }
  return { heard, sessions, closed, handlers, until }
}

test('a protocol opens whichever end registers it first, closes, and opens again', async (t) => {
  const bootstrap = await startDht(t)
  const a = (await openNetwork(t, bootstrap, 1)).network
  const b = (await openNetwork(t, bootstrap, 2)).network
  const met = Promise.all([once<Neighbour>(a, 'neighbour'), once<Neighbour>(b, 'neighbour')])
  a.join(TOPIC)
  b.join(TOPIC)
  const [fromA] = await met
  t.is(fromA.key, b4a.toString(seedKeyPair(2).publicKey, 'hex'), 'the key is the one of the transport')

  const first = listener()
  const early = a.protocol('talk', first.handlers)
  const second = listener()
  b.protocol('talk', second.handlers)
  await first.until(() => first.sessions.length === 1)
  await second.until(() => second.sessions.length === 1)
  t.is(first.sessions[0]?.send(b4a.from('hello')), true)
  await second.until(() => second.heard.length === 1)
  t.is(second.heard[0]?.text, 'hello')
  t.is(early.sessions.size, 1)

  early.close()
  await second.until(() => second.closed.length === 1)
  t.is(second.sessions[0]?.open, false)
  const third = listener()
  a.protocol('talk', third.handlers)
  await third.until(() => third.sessions.length === 1)
  await second.until(() => second.sessions.length === 2)
  second.sessions[1]?.send(b4a.from('again'))
  await third.until(() => third.heard.length === 1)
  t.is(third.heard[0]?.text, 'again')
})

test('a handler that throws ends its own session and nothing else', async (t) => {
  const bootstrap = await startDht(t)
  const { network: a, lines } = await openNetwork(t, bootstrap, 1)
  const b = (await openNetwork(t, bootstrap, 2)).network
  const good = { a: listener(), b: listener() }
  const bad = listener()
  a.protocol('good', good.a.handlers)
  b.protocol('good', good.b.handlers)
  a.protocol('bad', {
    onmessage: () => {
      throw new TypeError('broken')
    }
  })
  b.protocol('bad', bad.handlers)
  a.join(TOPIC)
  b.join(TOPIC)
  await bad.until(() => bad.sessions.length === 1)
  bad.sessions[0]?.send(b4a.from('x'))
  await bad.until(() => bad.closed.length === 1)
  t.ok(lines.some((line) => line.includes('broken')))
  await good.b.until(() => good.b.sessions.length === 1)
  good.b.sessions[0]?.send(b4a.from('still here'))
  await good.a.until(() => good.a.heard.length === 1)
  t.is(a.neighbours.size, 1)
})

test('a firewalled peer is not met', async (t) => {
  const bootstrap = await startDht(t)
  const unwanted = b4a.toString(seedKeyPair(2).publicKey, 'hex')
  const a = (await openNetwork(t, bootstrap, 1, { firewall: (key) => key === unwanted })).network
  const b = (await openNetwork(t, bootstrap, 2)).network
  const c = (await openNetwork(t, bootstrap, 3)).network
  const met = Promise.all([once<Neighbour>(a, 'neighbour'), once<Neighbour>(b, 'neighbour')])
  for (const network of [a, b, c]) network.join(TOPIC)
  const [ofA, ofB] = await met
  const third = b4a.toString(seedKeyPair(3).publicKey, 'hex')
  t.is(ofA.key, third)
  t.is(ofB.key, third)
  t.absent(a.neighbours.has(unwanted as never))
})

test('suspend leaves everybody, resume brings them back', async (t) => {
  const bootstrap = await startDht(t)
  const a = (await openNetwork(t, bootstrap, 1)).network
  const b = (await openNetwork(t, bootstrap, 2)).network
  const met = once(a, 'neighbour')
  a.join(TOPIC)
  b.join(TOPIC)
  await met
  const gone = once(b, 'neighbour-gone')
  await a.suspend()
  await gone
  t.is(a.neighbours.size, 0)
  const back = once(a, 'neighbour')
  await a.resume()
  await back
  t.is(a.neighbours.size, 1)
})

test('a topic joined twice is left with the second leave', async (t) => {
  const bootstrap = await startDht(t)
  const a = (await openNetwork(t, bootstrap, 1)).network
  if (!a.status().reachable) await once(a, 'reachable')
  a.join(TOPIC)
  a.join(TOPIC)
  t.is(a.status().topics, 1)
  await a.leave(TOPIC)
  t.is(a.status().topics, 1)
  await a.leave(TOPIC)
  await a.leave(TOPIC)
  t.is(a.status().topics, 0)
})

test('status tells what is known of DHT and NAT', async (t) => {
  const bootstrap = await startDht(t)
  const a = (await openNetwork(t, bootstrap, 1)).network
  if (!a.status().reachable) await once(a, 'reachable')
  const { dht, hosting, reachable, nat, socket } = a.status()
  t.alike({ dht, hosting, reachable }, { dht: 'private', hosting: false, reachable: true })
  t.is(nat, 'open')
  t.ok(socket?.startsWith(`${LOOPBACK}:`))
})

test('bytes that are no frames cost the sender its connection and nobody else anything', async (t) => {
  const bootstrap = await startDht(t)
  const a = (await openNetwork(t, bootstrap, 1)).network
  const friend = (await openNetwork(t, bootstrap, 2)).network
  const heard = listener()
  a.protocol('talk', heard.handlers)
  friend.protocol('talk', {
    onmessage: () => {},
    onopen: (session) => void session.send(b4a.from('hello'))
  })
  a.join(TOPIC)
  friend.join(TOPIC)
  await heard.until(() => heard.heard.length === 1)

  const dht = new DHT({
    bootstrap: bootstrap.map(({ host, port }) => `${host}:${port}`),
    host: LOOPBACK,
    firewalled: false
  })
  const swarm = new Hyperswarm({ dht, keyPair: seedKeyPair(9) })
  t.teardown(() => swarm.destroy(), { order: 10 })
  const closed = new Promise<void>((resolve) => {
    let rounds = 0
    swarm.on('connection', (connection: Connection) => {
      connection.on('error', () => {})
      connection.on('close', () => (++rounds === 1 ? resolve() : undefined))
      const mux = Protomux.from(connection)
      const channel = mux.createChannel({ protocol: 'talk' })
      channel?.open()
      for (let i = 0; i < 200; i++) {
        const garbage = b4a.alloc(1 + (i % 97))
        sodium.randombytes_buf(garbage)
        if (i % 3 === 0) garbage[0] = 0
        connection.write(garbage)
      }
      // An integer that runs past the end of its frame: Protomux ends the connection for it.
      connection.write(b4a.from([0xff, 1, 2]))
    })
  })
  swarm.join(TOPIC)
  await closed
  const before = heard.heard.length
  for (const session of [...heard.sessions]) t.is(typeof session.open, 'boolean')
  const again = (await openNetwork(t, bootstrap, 3)).network
  again.protocol('talk', { onmessage: () => {}, onopen: (session) => void session.send(b4a.from('me too')) })
  again.join(TOPIC)
  await heard.until(() => heard.heard.length > before && heard.heard.some(({ text }) => text === 'me too'))
  t.ok(a.neighbours.has(b4a.toString(seedKeyPair(2).publicKey, 'hex') as never), 'the friend is still there')
})

test('a stranger that answers whatever it is asked is no DHT, and the real one is found when it comes', async (t) => {
  const echo = new UDX().createSocket()
  echo.bind(0, LOOPBACK)
  const { port } = echo.address()
  echo.on('message', (bytes, from) => echo.trySend(bytes, from.port, from.host))
  const { network, lines } = await openNetwork(t, [{ host: LOOPBACK, port }], 1, { checkInterval: 50 })
  while (network.status().reachable !== false) await once(network, 'reachable')
  t.ok(lines.some((line) => line.includes('cannot reach the DHT')))
  await echo.close()
  const found = once(network, 'reachable')
  const dht = DHT.bootstrapper(port, LOOPBACK, { host: LOOPBACK })
  t.teardown(() => dht.destroy(), { order: 50 })
  t.is(await found, true)
})
