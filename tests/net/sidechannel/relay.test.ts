import test from 'brittle'
import { hear } from '../../helpers/heard.ts'
import { chain, openShape, ring, type Shape, star } from '../../helpers/shape.ts'
import { startDht } from '../../helpers/swarm.ts'
import { name } from '../../unit/sidechannel/helpers.ts'

const ROOM = name('room')
const OPEN = ['--sidechannel-pow', '0', '--sidechannel-welcome-required', '0']
const open = (shape: Pick<Shape, 'edges' | 'nodes'>): Shape => ({
  ...shape,
  channel: ROOM,
  flags: () => OPEN
})

test('along a chain a message goes as far as its hops carry it', async (t) => {
  const nodes = await openShape(t, await startDht(t), open({ edges: chain(6), nodes: 6 }))
  const heard = nodes.map(({ sidechannels }) => hear(sidechannels))
  const [first, , , , fifth] = nodes
  await first?.sidechannels.send(ROOM, 'far')
  await heard[4]?.count(1)
  t.is(heard[4]?.all[0]?.message.ttl, 0)
  t.is(heard[4]?.all[0]?.message.relayedBy, nodes[3]?.node.key)
  // On the same connection, so that anything before it has arrived when it does.
  await fifth?.sidechannels.send(ROOM, 'near')
  await heard[5]?.count(1)
  const texts = heard.map(({ all }) => all.map(({ message }) => message.message))
  t.alike(texts[5], ['near'], 'four hops are too far')
  for (const end of [1, 2, 3]) t.is(texts[end]?.filter((text) => text === 'far').length, 1)
  t.is(texts[4]?.length, 1)
  for (const { all } of heard) t.ok(all.every(({ verified }) => verified))
})

test('in a ring it comes round once', async (t) => {
  const nodes = await openShape(t, await startDht(t), open({ edges: ring(4), nodes: 4 }))
  const heard = nodes.map(({ sidechannels }) => hear(sidechannels))
  for (const { sidechannels } of nodes) await sidechannels.send(ROOM, 'round')
  await Promise.all(heard.map((each) => each.count(3)))
  for (const { sidechannels } of nodes) await sidechannels.send(ROOM, 'again')
  await Promise.all(heard.map((each) => each.count(6)))
  for (const [index, { all }] of heard.entries()) {
    const authors = all.map(({ message }) => `${message.from} ${message.message}`)
    t.is(new Set(authors).size, 6)
    t.absent(
      authors.some((author) => author.startsWith(nodes[index]?.node.key ?? '')),
      'nobody hears itself'
    )
  }
})

test('in a star the middle passes on to all but the author', async (t) => {
  const nodes = await openShape(t, await startDht(t), open({ edges: star(4), nodes: 4 }))
  const heard = nodes.map(({ sidechannels }) => hear(sidechannels))
  for (let i = 0; i < 50; i++) await nodes[1 + (i % 3)]?.sidechannels.send(ROOM, i)
  await Promise.all(heard.map((each, index) => each.count(index === 0 ? 50 : 33)))
  t.alike(heard[0]?.all.length, 50)
  const middle = nodes[0]?.sidechannels.channels.get(ROOM)
  t.is(middle?.counts.relayed, 100)
  t.is(middle?.drops.total, 0, 'nothing came back')
})
