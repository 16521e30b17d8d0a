import test from 'brittle'
import process from '#process'
import { hear, hearDrops } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { openRawDht, RawPeer } from '../../helpers/raw-peer.ts'
import { startDht } from '../../helpers/swarm.ts'

const ENTRY = '0000intercom'
const RATE = 64_000
const SECONDS = 3
const PINGS = 150

test('a flood at fifty times the rate holds up nobody else', { timeout: 60_000 }, async (t) => {
  const bootstrap = await startDht(t)
  const { node, sidechannels, lines } = await openNode(t, bootstrap, ['--sidechannel-pow', '0'])
  await sidechannels.announced()
  const dht = openRawDht(t, bootstrap)
  const heard = hear(sidechannels)
  const drops = hearDrops(sidechannels)
  const friend = await new RawPeer(dht, node, 3).join(ENTRY)

  /** One after the other, each sent when the one before it was handed out: the delays, sorted. */
  const ping = async (count: number, meanwhile: () => void): Promise<number[]> => {
    const delays: number[] = []
    for (let i = 0; i < count; i++) {
      const { length } = heard.all
      const sent = milliseconds()
      friend.say(i)
      meanwhile()
      await heard.count(length + 1)
      delays.push(milliseconds() - sent)
    }
    return delays.sort((a, b) => a - b)
  }
  const p99 = (delays: readonly number[]) => delays[Math.floor(delays.length * 0.99)] ?? 0
  const before = await ping(PINGS, () => {})

  const flooder = new RawPeer(dht, node, 2)
  const enemy = await flooder.join(ENTRY)
  const frames = Array.from({ length: 100 }, () => enemy.message('x'.repeat(100)))
  const bytes = JSON.stringify(frames[0]).length
  const started = Date.now()
  const memory = process.memoryUsage().rss
  let flooded = 0
  const flood = () => {
    // As much as is due, however long the turn before took; no more than the connection takes.
    const due = Math.ceil((50 * RATE * (Date.now() - started)) / 1000 / bytes)
    while (flooded < due && flooder.mux.drained) enemy.send(frames[flooded++ % frames.length])
  }
  const during: number[] = []
  while (Date.now() - started < SECONDS * 1000) {
    during.push(...(await ping(1, flood)))
    // The friend keeps to its own budget.
    const next = Date.now() + 10
    while (Date.now() < next) {
      flood()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  during.sort((a, b) => a - b)
  const grown = Math.round((process.memoryUsage().rss - memory) / 1024 / 1024)
  t.comment(`flood: ${flooded} messages, ${Math.round((flooded * bytes) / SECONDS / RATE)} times the rate`)
  t.comment(`p99 ${p99(before).toFixed(2)} ms before, ${p99(during).toFixed(2)} ms during; ${grown} MiB more`)
  t.ok(flooded * bytes > 10 * RATE * SECONDS, 'it was a flood')
  const { drops: counts } = sidechannels.channels.get(ENTRY as never) ?? {}
  t.ok((counts?.count('blocked') ?? 0) > flooded / 2, `${counts?.count('blocked')} were not looked at`)
  t.absent(drops.all.some((reason) => reason === 'shape'))
  t.is(
    heard.all.filter(({ message }) => message.from !== flooder.signer.publicKey).length,
    PINGS + during.length
  )
  t.ok(p99(during) < Math.max(50, p99(before) * 10), 'of the same order')
  t.ok(grown < 200)
  t.absent(lines.some((line) => line.includes('a handler failed')))
})

function milliseconds(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
