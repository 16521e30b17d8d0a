import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import Corestore from 'corestore'
import type DHT from 'hyperdht'
import ProtomuxWakeup from 'protomux-wakeup'
import { subnetProtocol } from '../../../features/subnet/members/place.ts'
import { frameOf, openRawDht, RawChannel, RawPeer } from '../../helpers/raw-peer.ts'
import { beginSubnet } from '../../helpers/subnet/damage.ts'
import { type OpenMember, openMember } from '../../helpers/subnet/member.ts'
import { byte } from '../../helpers/subnet/ops.ts'
import { startDht } from '../../helpers/swarm.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

/** What one neighbour, and what all of them together, may put into the log at once. */
const MOST = { one: 4, all: 32 }
const NEIGHBOURS = 10
const HINTS = 1000
const CORES = 100

interface Stage {
  readonly member: OpenMember
  readonly dht: DHT
  /** What makes a writer of this key. */
  request(key: unknown, fields?: object): string
}

/** A member that lets everybody write. */
async function openStage(t: Assertions): Promise<Stage> {
  const bootstrap = await startDht(t)
  const member = await openMember(t, bootstrap)
  await beginSubnet(member)
  await member.desk.operate('set_auto_add_writers', { enabled: 1 })
  const { desk, node } = member
  const request = (inviteMyKey: unknown, fields = {}) =>
    JSON.stringify({ inviteMyKey, bootstrap: desk.bootstrap, to: node.key, ...fields })
  return { member, dht: openRawDht(t, bootstrap), request }
}

async function meet({ member, dht }: Stage, fill: number): Promise<{ peer: RawPeer; channel: RawChannel }> {
  const peer = new RawPeer(dht, { key: member.node.key }, fill)
  const protocol = subnetProtocol(member.desk.bootstrap)
  const channel = await RawChannel.open(peer, protocol, protocol)
  if (channel === null) throw new Error('the member does not talk')
  return { peer, channel }
}

/** Whatever came before it was looked at. */
async function answered({ desk }: OpenMember): Promise<void> {
  for (let i = 0; i < 3; i++) await desk.post({ message: 'still there' })
}

async function countWriters({ desk }: OpenMember): Promise<number> {
  return (await desk.roles()).writers.length
}

async function untilWriters(member: OpenMember, count: number): Promise<void> {
  while ((await countWriters(member)) < count) await answered(member)
}

test('who asks for many keys, or under many names, gets no more than so many blocks', async (t) => {
  const stage = await openStage(t)
  const { member, request } = stage
  const key = (n: number) => n.toString(16).padStart(64, '0')
  const first = await meet(stage, 1)
  for (let n = 0; n < 50; n++) first.channel.sendFrame(frameOf(request(key(n))))
  await untilWriters(member, 1 + MOST.one)
  await answered(member)
  t.is(await countWriters(member), 1 + MOST.one, 'of one neighbour')
  for (let fill = 2; fill <= NEIGHBOURS; fill++) {
    const { channel } = await meet(stage, fill)
    for (let n = 0; n < 2 * MOST.one; n++) channel.sendFrame(frameOf(request(key(100 * fill + n))))
  }
  await untilWriters(member, 1 + MOST.all)
  await answered(member)
  const count = await countWriters(member)
  t.ok(count <= 1 + MOST.all + 5, `${count - 1} of ${NEIGHBOURS} neighbours`)
})

test('requests that make no sense, and those for members and removed ones, leave no trace', async (t) => {
  const stage = await openStage(t)
  const { member, request } = stage
  const { desk } = member
  const [writer, indexer, removed, stranger] = [byte(0x11), byte(0x22), byte(0x33), byte(0x44)]
  await desk.operate('add_writer', { key: writer })
  await desk.operate('add_writer', { key: indexer })
  await desk.operate('add_writer', { key: removed })
  await desk.operate('remove_writer', { key: removed })
  const roles = await desk.roles()
  const { base } = desk.subnet
  await answered(member)
  const { length } = base.local

  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
  const junk = [
    '',
    'null',
    '5',
    '[]',
    '"text"',
    '{}',
    deep,
    `{"inviteMyKey":${deep}}`,
    '{"__proto__":{"inviteMyKey":1}}'
  ]
  const { channel } = await meet(stage, 1)
  for (const text of junk) channel.sendFrame(frameOf(text))
  for (const bytes of [0, 1, 100, 70_000, 3_000_000]) channel.sendFrame(b4a.alloc(bytes, 0x7b))
  for (const wrong of [
    'aa',
    5,
    null,
    {},
    [writer],
    `${stranger}00`,
    stranger.toUpperCase().replace(/4/g, 'A')
  ])
    channel.sendFrame(frameOf(request(wrong)))
  for (const fields of [{ to: stranger }, { to: null }, { bootstrap: stranger }, { bootstrap: 5 }])
    channel.sendFrame(frameOf(request(stranger, fields)))
  const members = [desk.writerKey, writer, indexer, removed]
  for (const [i, key] of members.entries())
    (await meet(stage, 2 + i)).channel.sendFrame(frameOf(request(key)))
  await answered(member)
  t.is(base.local.length, length + 3, 'nothing but what was posted meanwhile')
  t.alike(await desk.roles(), roles)

  const late = await meet(stage, 9)
  late.channel.sendFrame(frameOf(request(stranger)))
  await untilWriters(member, roles.writers.length + 1)
  t.ok(
    (await desk.roles()).writers.some(({ key }) => key === stranger),
    'one that does is heard all the same'
  )
})

test('sessions that come and go, hints of logs nobody knows, and cores of strangers cost nothing', async (t) => {
  const stage = await openStage(t)
  const { member, dht } = stage
  const { desk, node } = member
  const cores = () => [...node.store.corestore.cores].length
  await answered(member)
  const before = cores()

  const { peer, channel } = await meet(stage, 1)
  channel.close()
  for (let i = 0; i < 100; i++) {
    const again = await RawChannel.open(peer, 'again', subnetProtocol(desk.bootstrap))
    if (again === null) throw new Error('the member does not talk any more')
    again.close()
  }
  await answered(member)
  t.is(desk.subnet.members.sessions.length, 0, 'sessions')

  const hinting = new RawPeer(dht, { key: node.key }, 2)
  await new Promise((resolve) => hinting.connection.once('open', resolve))
  const wakeup = new ProtomuxWakeup()
  t.teardown(() => wakeup.destroy())
  const capability = b4a.from(desk.bootstrap, 'hex')
  await new Promise<void>((resolve) => {
    const session = wakeup.session(capability, {
      onpeeradd(neighbour) {
        for (let i = 0; i < 3; i++) {
          const hints = Array.from({ length: HINTS }, (_, n) => ({
            key: randomKey(i * HINTS + n),
            length: 100
          }))
          session.announce(neighbour, hints)
        }
        resolve()
      }
    })
    wakeup.addStream(hinting.connection)
  })
  await answered(member)
  t.is(cores(), before, 'hints')

  const store = new Corestore(temporaryFolder(t))
  t.teardown(() => store.close(), { order: 5 })
  for (let n = 0; n < CORES; n++) await store.get({ name: `core ${n}` }).ready()
  const { connection } = new RawPeer(dht, { key: node.key }, 3)
  await new Promise((resolve) => connection.once('open', resolve))
  store.replicate(connection)
  await answered(member)
  t.is(cores(), before, 'cores')
  t.absent(desk.subnet.interrupted)
})

function randomKey(n: number): Uint8Array {
  return b4a.from(byte(0x77).slice(8) + n.toString(16).padStart(8, '0'), 'hex')
}
