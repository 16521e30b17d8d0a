import test from 'brittle'
import { cutMidFrame } from '../helpers/mid-frame.ts'
import { openNode } from '../helpers/node.ts'
import { openRawDht } from '../helpers/raw-peer.ts'
import { startDht } from '../helpers/swarm.ts'

test('a thousand connections cut in the middle of a frame', { timeout: 300_000 }, async (t) => {
  const bootstrap = await startDht(t)
  const { node, sidechannels, lines } = await openNode(t, bootstrap, ['--sidechannel-pow', '0'])
  await sidechannels.announced()
  await cutMidFrame(openRawDht(t, bootstrap), node, 1000)
  t.is(sidechannels.links.size, 0, 'nothing is kept of them')
  t.is(node.network.neighbours.size, 0)
  t.absent(lines.some((line) => line.includes('a handler failed')))
})
