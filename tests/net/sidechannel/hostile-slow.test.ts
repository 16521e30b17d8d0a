import test, { type Assertions } from 'brittle'
import process from '#process'
import { OUTBOX_LIMITS } from '../../../features/sidechannel/outbox.ts'
import { hearDrops, neighbours, until } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { Peer } from '../../helpers/peer.ts'
import { openRawDht, RawPeer } from '../../helpers/raw-peer.ts'
import { startDht } from '../../helpers/swarm.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'
import { name } from '../../unit/sidechannel/helpers.ts'

const ENTRY = name('0000intercom')
const FAST = ['--sidechannel-pow', '0', '--sidechannel-rate-bytes', '0']
const PAYLOAD = 'x'.repeat(20_000)

/** A node, a friend of it, and a process that takes nothing off its sockets until it is woken. */
async function setUp(t: Assertions) {
  const bootstrap = await startDht(t)
  const { node, sidechannels } = await openNode(t, bootstrap, FAST)
  await sidechannels.announced()
  const cwd = temporaryFolder(t)
  const nodes = bootstrap.map(({ host, port }) => `${host}:${port}`).join(',')
  const lazy = new Peer(t, {
    cwd,
    args: ['start', 'lazy', '--subnet', '0', '--dht-bootstrap', nodes, ...FAST]
  })
  const sessions = () => sidechannels.channels.get(ENTRY)?.sessions ?? []
  await until(sidechannels, 'changed', () => sessions().length === 1)
  const { key } = sessions()[0]?.neighbour ?? {}
  const waiting = () => (key && sidechannels.links.get(key)?.outbox.waiting) ?? { messages: -1, bytes: -1 }
  process.kill(lazy.pid, 'SIGSTOP')
  const connect = () => new RawPeer(openRawDht(t, bootstrap), node, 3).join(ENTRY)
  return { lazy, sidechannels, drops: hearDrops(sidechannels), waiting, connect, node }
}

test('who does not read costs a bounded queue and nobody else anything', { timeout: 120_000 }, async (t) => {
  const { lazy, sidechannels, drops, waiting, connect } = await setUp(t)
  const friend = await connect()
  await neighbours(sidechannels, ENTRY, 2)
  let sent = 0
  while (drops.all.length < 50) {
    const outcome = await sidechannels.send(ENTRY, `${sent} ${PAYLOAD}`)
    if (!outcome.ok) return t.fail(outcome.reason)
    await friend.frames.count(++sent)
  }
  t.ok(drops.all.every((reason) => reason === 'queue'))
  const { messages, bytes } = waiting()
  t.comment(`${sent} sent, ${messages} messages and ${bytes} bytes wait`)
  t.ok(bytes <= OUTBOX_LIMITS.bytes && bytes > OUTBOX_LIMITS.bytes - 50_000)
  t.is(friend.frames.all.length, sent, 'the other neighbour has them all')

  // What waited comes once it reads again, in order, and so does what is sent then.
  const taken = sent - 50
  process.kill(lazy.pid, 'SIGCONT')
  await lazy.saw(`: ${taken - 1} x`)
  t.alike(waiting(), { messages: 0, bytes: 0 })
  await sidechannels.send(ENTRY, 'last')
  await lazy.saw(/: last$/m)
  const numbers = [...lazy.output.matchAll(/: (\d+) x/g)].map((match) => Number(match[1]))
  t.alike(
    numbers,
    Array.from({ length: taken }, (_, i) => i)
  )
})

test('with everybody deaf a send is refused', { timeout: 120_000 }, async (t) => {
  const { lazy, sidechannels, node } = await setUp(t)
  let outcome = await sidechannels.send(ENTRY, PAYLOAD)
  while (outcome.ok) outcome = await sidechannels.send(ENTRY, PAYLOAD)
  t.alike(outcome, { ok: false, reason: 'rate_limited' })
  t.is(sidechannels.channels.get(ENTRY)?.drops.count('queue'), 1)
  // A neighbour that is gone is no neighbour that is full.
  for (const neighbour of node.network.neighbours.values()) neighbour.disconnect()
  await until(node.network, 'neighbour-gone', () => node.network.neighbours.size === 0)
  const after = await sidechannels.send(ENTRY, 'x')
  t.is(after.ok && after.neighbours, 0)
  t.is(sidechannels.links.size, 0)
  await lazy.kill()
})
