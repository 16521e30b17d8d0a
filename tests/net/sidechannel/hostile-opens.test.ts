import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import process from '#process'
import { hear } from '../../helpers/heard.ts'
import { cutMidFrame } from '../../helpers/mid-frame.ts'
import { openNode } from '../../helpers/node.ts'
import { openRawDht, RawPeer } from '../../helpers/raw-peer.ts'
import { startDht } from '../../helpers/swarm.ts'

const ENTRY = '0000intercom'

async function setUp(t: Assertions) {
  const bootstrap = await startDht(t)
  const opened = await openNode(t, bootstrap, ['--sidechannel-pow', '0'])
  await opened.sidechannels.announced()
  const dht = openRawDht(t, bootstrap)
  const heard = hear(opened.sidechannels)
  const friend = await new RawPeer(dht, opened.node, 3).join(ENTRY)
  const unharmed = async () => {
    const { length } = heard.all
    friend.say('still there?')
    await heard.count(length + 1)
    t.absent(opened.lines.some((line) => line.includes('a handler failed')))
  }
  return { ...opened, dht, friend, unharmed }
}

test('a channel that we did not join is not opened', async (t) => {
  const { dht, node, unharmed } = await setUp(t)
  const peer = new RawPeer(dht, node, 2)
  await peer.join(ENTRY)
  t.is(await peer.open('elsewhere'), null)
  // Messages for it, and for a number that was never opened.
  for (const session of [1, 2, 3, 77]) peer.connection.write(b4a.from([session, 0, 2, 0x31, 0x31]))
  const again = await new RawPeer(dht, node, 4).join(ENTRY)
  again.say('x')
  await unharmed()
  await peer.end()
})

test('who asks for thousands of channels loses the connection', async (t) => {
  const { dht, node, sidechannels, unharmed } = await setUp(t)
  const before = process.memoryUsage().rss
  for (let round = 0; round < 5; round++) {
    const peer = new RawPeer(dht, node, 2)
    await peer.join(ENTRY)
    for (let i = 0; i < 10_000; i++) peer.mux.createChannel({ protocol: `sidechannel/room-${i}` })?.open()
    await peer.closed
  }
  const grown = process.memoryUsage().rss - before
  t.comment(`50 000 requests to open: ${Math.round(grown / 1024)} KiB more, both ends together`)
  t.ok(grown < 200 * 1024 * 1024)
  await unharmed()
  t.is(node.network.neighbours.size, 1)
  t.is(sidechannels.links.size, 1)
})

test('batches within batches end the connection, not the process', async (t) => {
  const { dht, node, unharmed } = await setUp(t)
  const peer = new RawPeer(dht, node, 2)
  await peer.join(ENTRY)
  const levels = 100_000
  const frame = b4a.alloc(1 + levels * 7)
  // The control session; then, again and again: a batch, for the control session, of so many bytes.
  for (let level = 0; level < levels; level++) {
    frame[1 + level * 7 + 2] = 0xfe
    new DataView(frame.buffer, frame.byteOffset).setUint32(1 + level * 7 + 3, (levels - level - 1) * 7, true)
  }
  peer.connection.write(frame)
  await peer.closed
  await unharmed()
})

test('opening and closing the same channel over and over', async (t) => {
  const { dht, node, sidechannels, unharmed } = await setUp(t)
  sidechannels.welcome('mine' as never, 'hello')
  sidechannels.join('mine' as never)
  const peer = new RawPeer(dht, node, 2)
  for (let i = 0; i < 300; i++) {
    const channel = await peer.join('mine')
    channel.close()
  }
  await unharmed()
  await peer.end()
})

test('two hundred connections cut in the middle of a frame', { timeout: 120_000 }, async (t) => {
  const { dht, node, sidechannels, unharmed } = await setUp(t)
  await cutMidFrame(dht, node, 200)
  await unharmed()
  t.is(sidechannels.links.size, 1, 'nothing is kept of them')
})
