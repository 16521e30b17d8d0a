import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import { hear, hearDrops } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { openRawDht, RawPeer } from '../../helpers/raw-peer.ts'
import { startDht } from '../../helpers/swarm.ts'
import { nested } from '../../unit/sidechannel/helpers.ts'

const ENTRY = '0000intercom'

async function setUp(t: Assertions, flags: readonly string[]) {
  const bootstrap = await startDht(t)
  const { node, sidechannels, lines } = await openNode(t, bootstrap, ['--sidechannel-pow', '0', ...flags])
  await sidechannels.announced()
  const dht = openRawDht(t, bootstrap)
  const heard = hear(sidechannels)
  const drops = hearDrops(sidechannels)
  const enemy = await new RawPeer(dht, node, 2).join(ENTRY)
  const friend = await new RawPeer(dht, node, 3).join(ENTRY)
  const unharmed = async () => {
    friend.say('still there?')
    await heard.until((all) => all.at(-1)?.message.message === 'still there?')
    t.absent(lines.some((line) => line.includes('a handler failed')))
  }
  return { heard, drops, enemy, friend, unharmed, node, sidechannels }
}

test('whatever a neighbour sends as a message, it is dropped and counted', async (t) => {
  const { drops, enemy, unharmed, heard } = await setUp(t, [
    ...['--sidechannel-rate-bytes', '0', '--sidechannel-max-strikes', '0']
  ])
  const mb = 'a'.repeat(1_000_000)
  const bare = ['null', '1', '-1', 'true', '"x"', '[]', '{}', '[null]', '', '{', 'undefined', 'NaN']
  const deep = [nested(10_000), nested(10_000, '{"a":[', ']}'), '['.repeat(10_000), '{"a":'.repeat(10_000)]
  const good = JSON.stringify(enemy.message('x')).slice(0, -1)
  const values = ['null', '1', '1e308', '-1', '1.5', '[]', '{}', `"${mb.slice(0, 900_000)}"`, nested(10_000)]
  const fields = ['type', 'id', 'from', 'origin', 'ts', 'ttl']
  const fielded = fields.flatMap((field) => values.map((value) => `${good},"${field}":${value}}`))
  // Well-formed: hops may be many, and a time long ago is dropped for another reason.
  const wellFormed = [`${good},"ttl":1}`, `${good},"ttl":1e308}`, `${good},"ts":1}`]
  const bad = [...bare, ...deep, ...fielded.filter((json) => !wellFormed.includes(json))]
  for (const json of bad) enemy.sendJson(json)
  await drops.count(bad.length)
  const reasons = new Map<string, number>()
  for (const reason of drops.all) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  t.alike([...reasons], [['shape', bad.length]])
  await unharmed()
  t.is(heard.all.length, 1)
})

test('bytes that are no text, halves of characters, and names of prototypes', async (t) => {
  const { drops, enemy, unharmed, heard } = await setUp(t, ['--sidechannel-rate-bytes', '0'])
  const bytes = [[], [0], [0xfd], [0xfe, 1], [0xff], [5, 1], [2, 0xff, 0xfe], [0xff, ...Array(8).fill(255)]]
  for (const each of bytes) enemy.sendFrame(b4a.from(each))
  await drops.count(bytes.length)
  t.ok(drops.all.every((reason) => reason === 'shape'))

  const { __proto__: proto } = JSON.parse('{"__proto__":{"from":"me"}}')
  t.ok(proto)
  const texts = ['\ud800', '\udc00\ud800', '\u0000', '\u202e', { toString: 1, length: -1 }]
  for (const text of texts) enemy.say(text)
  enemy.sendJson(JSON.stringify(enemy.message({ a: 'AT' })).replace('"a":"AT"', '"__proto__":{"polluted":1}'))
  await heard.count(texts.length + 1)
  t.is(({} as { polluted?: number }).polluted, undefined)
  await unharmed()
})

test('garbage without end blocks its sender and nobody else', async (t) => {
  const { drops, enemy, unharmed } = await setUp(t, [])
  for (let i = 0; i < 200; i++) enemy.sendJson('null')
  await drops.count(200)
  const shapes = drops.all.filter((reason) => reason === 'shape').length
  t.ok(shapes >= 16 && shapes < 30, `${shapes} were looked at`)
  t.ok(drops.all.slice(shapes).every((reason) => reason === 'blocked'))
  await unharmed()
})

test('messages that name another channel than theirs', async (t) => {
  const { drops, enemy, unharmed } = await setUp(t, ['--sidechannels', 'room'])
  enemy.say('x', { channel: 'room' })
  enemy.say('x', { channel: ` ${ENTRY}` })
  await drops.count(2)
  t.alike(drops.all, ['channel', 'channel'])
  await unharmed()
})
