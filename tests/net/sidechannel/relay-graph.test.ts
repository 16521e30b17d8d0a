import test from 'brittle'
import { hear } from '../../helpers/heard.ts'
import { openShape, randomGraph } from '../../helpers/shape.ts'
import { startDht } from '../../helpers/swarm.ts'
import { name } from '../../unit/sidechannel/helpers.ts'

const ROOM = name('room')
const NODES = 12
const SEED = 20_251_120

test('in a graph of twelve everybody gets everything exactly once', { timeout: 120_000 }, async (t) => {
  const edges = randomGraph(NODES, 8, SEED)
  t.is(edges.length, 19)
  // Hops enough for the longest way round: the first copy to arrive need not be the one with the most left.
  const flags = () => [
    ...['--sidechannel-pow-difficulty', '4', '--sidechannel-welcome-required', '0'],
    ...['--sidechannel-ttl', '12']
  ]
  const nodes = await openShape(t, await startDht(t), { edges, nodes: NODES, channel: ROOM, flags })
  const heard = nodes.map(({ sidechannels }) => hear(sidechannels))
  const rounds = 10
  for (let round = 0; round < rounds; round++) {
    await Promise.all(nodes.map(({ sidechannels }, index) => sidechannels.send(ROOM, { index, round })))
  }
  const expected = (NODES - 1) * rounds
  await Promise.all(heard.map((each) => each.count(expected)))
  // Once every copy of a second wave is in, every copy of the first one is, too.
  await Promise.all(nodes.map(({ sidechannels }) => sidechannels.send(ROOM, 'last')))
  await Promise.all(heard.map((each) => each.count(expected + NODES - 1)))
  for (const { all } of heard) {
    t.is(new Set(all.map(({ message }) => message.id)).size, expected + NODES - 1)
    t.is(all.length, expected + NODES - 1)
    t.ok(all.every(({ verified }) => verified))
    // Of one author in the order of sending is more than the network promises, but all of them are there.
    t.is(all.filter(({ message }) => message.message === 'last').length, NODES - 1)
  }
  const drops = nodes.map(({ sidechannels }) => sidechannels.channels.get(ROOM)?.drops)
  for (const each of drops) t.is(each?.total, each?.count('duplicate'), 'only copies were dropped')
})
