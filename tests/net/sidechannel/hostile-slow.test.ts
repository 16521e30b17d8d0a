import test from 'brittle'
import { OUTBOX_LIMITS } from '../../../features/sidechannel/outbox.ts'
import { hearDrops } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { openRawDht, RawPeer } from '../../helpers/raw-peer.ts'
import { startDht } from '../../helpers/swarm.ts'
import { name } from '../../unit/sidechannel/helpers.ts'

const ENTRY = name('0000intercom')

test('who does not read costs a bounded queue and nobody else anything', { timeout: 60_000 }, async (t) => {
  const bootstrap = await startDht(t)
  const { node, sidechannels } = await openNode(t, bootstrap, [
    ...['--sidechannel-pow', '0', '--sidechannel-rate-bytes', '0']
  ])
  await sidechannels.announced()
  const dht = openRawDht(t, bootstrap)
  const friend = await new RawPeer(dht, node, 3).join(ENTRY)
  const lazy = new RawPeer(dht, node, 2)
  const channel = await lazy.join(ENTRY)
  lazy.connection.pause()

  const drops = hearDrops(sidechannels)
  const message = 'x'.repeat(20_000)
  let sent = 0
  const queue = sidechannels.links.get(lazy.signer.publicKey)?.outbox
  while (drops.all.length < 50) {
    const outcome = await sidechannels.send(ENTRY, message)
    if (outcome.ok) sent++
    await friend.frames.count(sent)
  }
  t.ok(drops.all.every((reason) => reason === 'queue'))
  const waiting = queue?.waiting ?? { messages: 0, bytes: 0 }
  t.comment(`${sent} sent, ${waiting.messages} messages and ${waiting.bytes} bytes wait`)
  t.ok(waiting.bytes <= OUTBOX_LIMITS.bytes && waiting.bytes > OUTBOX_LIMITS.bytes - 50_000)
  t.is(friend.frames.all.length, sent, 'the other neighbour has them all')

  // What waited comes once it reads again, in order, and what is sent then.
  lazy.connection.resume()
  await channel.frames.count(sent - drops.all.length)
  t.is(queue?.waiting.messages, 0)
  const { id } = (await sidechannels.send(ENTRY, 'last')) as { id: string }
  await channel.frames.until((all) => all.length === sent - drops.all.length + 1)
  const ids = channel.messages.map((each) => each.id)
  t.is(ids.at(-1), id)
  const everything = friend.messages.map((each) => each.id)
  t.alike(
    ids,
    everything.filter((each) => ids.includes(each))
  )
  await lazy.end()
})

test('with everybody deaf a send is refused', { timeout: 60_000 }, async (t) => {
  const bootstrap = await startDht(t)
  const { node, sidechannels } = await openNode(t, bootstrap, [
    ...['--sidechannel-pow', '0', '--sidechannel-rate-bytes', '0']
  ])
  await sidechannels.announced()
  const lazy = new RawPeer(openRawDht(t, bootstrap), node, 2)
  await lazy.join(ENTRY)
  lazy.connection.pause()
  let outcome = await sidechannels.send(ENTRY, 'x'.repeat(100_000))
  while (outcome.ok) outcome = await sidechannels.send(ENTRY, 'x'.repeat(100_000))
  t.alike(outcome, { ok: false, reason: 'rate_limited' })
  t.is(sidechannels.channels.get(ENTRY)?.drops.count('queue'), 1)
  // A neighbour that is gone is no neighbour that is full.
  await lazy.end()
  while (node.network.neighbours.size > 0) await new Promise((r) => node.network.once('neighbour-gone', r))
  const after = await sidechannels.send(ENTRY, 'x')
  t.is(after.ok && after.neighbours, 0)
})
