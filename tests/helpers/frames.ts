import b4a from 'b4a'
import type { Assertions } from 'brittle'
import DHT, { type KeyPair } from 'hyperdht'
import type { Connection } from 'hyperswarm'
import sodium from 'sodium-universal'
import type { HostPort } from '../../src/config/types.ts'
import { LOOPBACK } from '../../src/network/local-dht.ts'
import { openNetwork, seedKeyPair, startDht } from './swarm.ts'

const FRAMES_PER_CONNECTION = 60
const TOPIC = b4a.alloc(32, 7)

/** Hostile neighbours that speak almost, but not quite, the framing of the connection, for so long. */
export async function attackWithFrames(t: Assertions, duration: number): Promise<void> {
  const bootstrap = await startDht(t)
  const { network, lines } = await openNetwork(t, bootstrap, 1)
  network.protocol('talk', { onmessage: (session, bytes) => void session.send(bytes) })
  network.join(TOPIC)
  const friend = (await openNetwork(t, bootstrap, 2)).network
  const echoes: string[] = []
  let heard: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    const talk = friend.protocol('talk', {
      onopen: () => resolve(),
      onmessage: (_session, bytes) => {
        echoes.push(b4a.toString(bytes))
        heard()
      }
    })
    friend.once('ask', () => {
      for (const session of talk.sessions.values()) session.send(b4a.from('still there?'))
    })
  })
  friend.join(TOPIC)
  await opened

  const dht = attackerDht(t, bootstrap)
  const until = Date.now() + duration
  let attacks = 0
  while (Date.now() < until || attacks < 10) {
    await attack(dht, seedKeyPair(1).publicKey)
    attacks++
  }
  t.comment(`${attacks} attacks`)
  const answered = new Promise<void>((resolve) => {
    heard = resolve
  })
  friend.emit('ask')
  await answered
  t.alike(echoes, ['still there?'], 'the friend is served as before')
  t.absent(lines.some((line) => line.includes('a handler failed')))
}

function attackerDht(t: Assertions, bootstrap: readonly HostPort[]): DHT {
  const dht = new DHT({
    bootstrap: bootstrap.map(({ host, port }) => `${host}:${port}`),
    host: LOOPBACK,
    firewalled: false
  })
  t.teardown(() => dht.destroy(), { order: 10 })
  return dht
}

function attack(dht: DHT, target: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const seed = random(32)
    const connection = dht.connect(target, { keyPair: DHT.keyPair(seed) as KeyPair }) as Connection
    // It is there to be ended by the other side.
    connection.on('error', () => {})
    connection.on('close', () => resolve())
    connection.on('open', () => {
      for (let i = 0; i < FRAMES_PER_CONNECTION; i++) connection.write(hostileFrame())
      connection.end()
    })
  })
}

/** Session id, message type, then what may or may not belong to it. */
function hostileFrame(): Uint8Array {
  const small = () => byte(6)
  const kind = byte(9)
  if (kind === 0) return random(1 + byte(200))
  if (kind === 1) return b4a.from([0, 1, small(), 4, ...b4a.from('talk'), 0])
  if (kind === 2) return b4a.from([0, 1, small(), small(), ...random(byte(40))])
  if (kind === 3) return b4a.from([0, byte(5), small()])
  if (kind === 4) return b4a.from([0, 0, small(), small(), ...random(byte(60))])
  if (kind === 5) return b4a.from([small(), small(), ...random(byte(60))])
  if (kind === 6) return b4a.from([0xff, ...random(byte(9))])
  if (kind === 7) return b4a.from([0, 1, small(), 0xfe, 0xff, 0xff, 0xff, 0x7f])
  return b4a.from([1, 0, ...random(byte(255))])
}

function byte(below: number): number {
  return (random(1)[0] ?? 0) % below
}

function random(size: number): Uint8Array {
  const bytes = b4a.alloc(size)
  sodium.randombytes_buf(bytes)
  return bytes
}
