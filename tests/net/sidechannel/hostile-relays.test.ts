import b4a from 'b4a'
import test from 'brittle'
import process from '#process'
import { encodeMessage, signMessage } from '../../../features/sidechannel/wire.ts'
import { createSigner } from '../../../src/base/signature.ts'
import { keyPairFromSeed } from '../../../src/identity/derive.ts'
import { hear, hearDrops, neighbours } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { jsonOf, openRawDht, RawPeer } from '../../helpers/raw-peer.ts'
import { startDht } from '../../helpers/swarm.ts'
import { name, signerOf } from '../../unit/sidechannel/helpers.ts'

const ENTRY = name('0000intercom')
const [AUTHOR, FRIEND, ENEMY] = [2, 3, 4]

test('a message whose copy would be too large stays here', async (t) => {
  const most = 2000
  const added = `,"relayedBy":"${'0'.repeat(64)}"`.length
  const bootstrap = await startDht(t)
  const { node, sidechannels } = await openNode(t, bootstrap, [
    ...['--sidechannel-pow', '0', '--sidechannel-rate-bytes', '0', '--sidechannel-max-bytes', `${most}`]
  ])
  await sidechannels.announced()
  const dht = openRawDht(t, bootstrap)
  const author = await new RawPeer(dht, node, AUTHOR).join(ENTRY)
  const friend = await new RawPeer(dht, node, FRIEND).join(ENTRY)
  await neighbours(sidechannels, ENTRY, 2)
  const [heard, drops] = [hear(sidechannels), hearDrops(sidechannels)]
  const empty = JSON.stringify(author.message('')).length
  for (const size of [most - added, most - added + 1, most, most + 1]) author.say('x'.repeat(size - empty))
  author.say('end')
  await heard.count(4)
  await friend.frames.count(2)
  // The copy of the second and of the third, and the fourth itself.
  t.alike(drops.all, ['size', 'size', 'size'])
  t.alike(
    friend.messages.map(({ message, relayedBy }) => [String(message).length, relayedBy]),
    [
      [most - added - empty, node.key],
      [3, node.key]
    ]
  )
  t.is(JSON.stringify(friend.messages[0]).length, most)
})

test('a relay that brings thousands of authors costs bounded memory and nobody else anything', {
  timeout: 60_000
}, async (t) => {
  const bootstrap = await startDht(t)
  // Ten messages a millisecond, however fast this machine is.
  const [clock, began] = [{ sent: 0, ahead: 0 }, Date.now()]
  const now = () => began + Math.floor(clock.sent / 10) + clock.ahead
  const flags = ['--sidechannel-pow', '0']
  const { node, sidechannels, lines } = await openNode(t, bootstrap, flags, undefined, { now })
  await sidechannels.announced()
  const dht = openRawDht(t, bootstrap)
  const friend = await new RawPeer(dht, node, FRIEND).join(ENTRY)
  const flooder = new RawPeer(dht, node, ENEMY)
  const enemy = await flooder.join(ENTRY)
  await neighbours(sidechannels, ENTRY, 2)
  const [heard, drops] = [hear(sidechannels), hearDrops(sidechannels)]
  const counts = sidechannels.channels.get(ENTRY)?.drops

  const first = friend.say('first')
  await heard.count(1)
  const relayedBy = signerOf(ENEMY).publicKey
  // More than the connection as a whole may carry, each by a key of its own and properly signed.
  const keys = 10_000
  const frames = Array.from({ length: keys }, (_, n) => {
    const seed = b4a.alloc(32, 9)
    new DataView(seed.buffer, seed.byteOffset).setUint32(0, n)
    const draft = { channel: ENTRY, message: `${n}`.padEnd(200), ts: began, ttl: 3 }
    return encodeMessage({ ...signMessage(draft, createSigner(keyPairFromSeed(seed))), relayedBy })
  })
  const bytes = frames.reduce((sum, frame) => sum + frame.byteLength, 0)
  t.ok(bytes > 16 * (256_000 + 64_000 * (keys / 10_000)), `${bytes} bytes`)

  const memory = process.memoryUsage().rss
  let said = 1
  for (const [n, frame] of frames.entries()) {
    enemy.sendFrame(frame)
    clock.sent++
    if (n % 500 !== 0) continue
    // The friend goes on talking, and is heard each time.
    friend.say(`${said++}`)
    await heard.until(() => heardOf(first.from).length === said)
  }
  await drops.until(() => (counts?.count('blocked') ?? 0) > 0)
  const grown = Math.round((process.memoryUsage().rss - memory) / 1024 / 1024)
  const { seen } = sidechannels.pipeline
  t.comment(
    `${seen.size} taken in ${seen.bytes} bytes; ${JSON.stringify(counts?.counts())}; ${grown} MiB more`
  )
  t.ok((counts?.count('rate') ?? 0) > 0, 'what goes beyond the cap is dropped')
  t.ok(seen.bytes < 64 * seen.size + 100_000, 'of an author who said one thing no more than that is kept')
  t.ok(grown < 200)
  t.ok(sidechannels.links.get(signerOf(ENEMY).publicKey) !== null, 'and the connection stays')

  // What was said before the flood is known still, and our own word finds its way through what is passed on.
  const other = await new RawPeer(dht, node, AUTHOR).join(ENTRY)
  const dropped = drops.all.length
  other.send({ ...first, relayedBy: signerOf(AUTHOR).publicKey })
  await drops.until((all) => all.slice(dropped).includes('duplicate'))
  t.is(heardOf(first.from).length, said)
  clock.ahead = 10_000
  await sidechannels.send(ENTRY, 'from the node itself')
  let looked = 0
  await friend.frames.until((all) => {
    const fresh = all.slice(looked)
    looked = all.length
    return fresh.some((frame) => jsonOf(frame).includes('from the node itself'))
  })
  t.absent(lines.some((line) => line.includes('a handler failed')))

  function heardOf(key: string) {
    return heard.all.filter(({ message }) => message.from === key)
  }
})
