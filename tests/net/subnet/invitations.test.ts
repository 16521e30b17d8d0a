import test, { type Assertions } from 'brittle'
import type { Applied } from '../../../features/subnet/engine/events.ts'
import { deferred } from '../../../src/base/deferred.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { beginSubnet } from '../../helpers/subnet/damage.ts'
import { type MemberOptions, type OpenMember, openMember, until } from '../../helpers/subnet/member.ts'
import { byte } from '../../helpers/subnet/ops.ts'
import { openStranger, type Stranger } from '../../helpers/subnet/stranger.ts'
import { startDht } from '../../helpers/swarm.ts'

/** As many as one neighbour may ask for at once. */
const KEYS = [0x11, 0x52, 0x93, 0xd4].map(byte)

interface Added {
  readonly key: string
  readonly by: Hex32
}

/** Who wrote which invitation, as they come; the same one once, however often it is applied. */
function watchInvitations({ desk }: OpenMember): { readonly added: Added[]; heard: Promise<void> } {
  const seen = new Set<string>()
  const watched = { added: [] as Added[], heard: Promise.resolve() }
  let next = deferred<void>()
  watched.heard = next.promise
  desk.subnet.on('applied', ({ operations }: Applied) => {
    for (const { type, id, from } of operations) {
      if (type !== 'autoAddWriter' || seen.has(`${from} ${id}`)) continue
      seen.add(`${from} ${id}`)
      watched.added.push({ key: KEYS.find((key) => id.includes(key)) ?? '', by: from })
    }
    next.resolve()
    next = deferred<void>()
    watched.heard = next.promise
  })
  return watched
}

/** The nearer it is to the key, the sooner its turn comes. */
function electedFor(key: string, writers: readonly OpenMember[]): Hex32 {
  const far = ({ desk }: OpenMember) => BigInt(`0x${desk.writerKey}`) ^ BigInt(`0x${key}`)
  const [first] = [...writers].sort((a, b) => (far(a) < far(b) ? -1 : 1))
  return (first as OpenMember).desk.writerKey
}

async function openWriters(
  t: Assertions,
  times: MemberOptions['times'] = {}
): Promise<{ writers: OpenMember[]; stranger: Stranger }> {
  const dht = await startDht(t)
  const admin = await openMember(t, dht, [], { times })
  await beginSubnet(admin)
  const flags = ['--subnet-bootstrap', admin.desk.bootstrap]
  const writers = [admin]
  for (let n = 0; n < 3; n++) {
    const writer = await openMember(t, dht, flags, { times })
    await admin.desk.operate('add_writer', { key: writer.desk.writerKey })
    await until(writer, () => writer.desk.writable)
    writers.push(writer)
  }
  await admin.desk.operate('set_auto_add_writers', { enabled: 1 })
  for (const member of writers)
    await until(member, async () => (await member.desk.get('auto_add_writers', false)) === 'on')
  return { writers, stranger: await openStranger(t, dht, admin.desk.bootstrap) }
}

/** Asks all of them at once. */
async function askAll(
  stranger: Stranger,
  writers: readonly OpenMember[],
  keys: readonly string[]
): Promise<void> {
  const sessions = []
  for (const { node } of writers) sessions.push(await stranger.meets(node.key))
  const { bootstrap } = (writers[0] as OpenMember).desk
  for (const key of keys)
    for (const session of sessions)
      stranger.say(session, { inviteMyKey: key, bootstrap, to: session.neighbour.key })
}

test('of several writers that are asked, one adds the key: the one whose turn is first (D4)', async (t) => {
  // However busy the machine is, the first one is not too late.
  const { writers, stranger } = await openWriters(t, { turn: 5000 })
  const [admin] = writers as [OpenMember]
  const watched = watchInvitations(admin)
  await askAll(stranger, writers, KEYS)
  while ((await admin.desk.roles()).writers.length < writers.length + KEYS.length) await watched.heard
  // Whatever the others would have added comes before what they say afterwards.
  for (const [n, { desk }] of writers.entries()) {
    await desk.post({ message: `${n}` })
    await until(admin, async () => (await admin.desk.get('msgl', false)) === n + 1)
  }
  const expected = KEYS.map((key) => ({ key, by: electedFor(key, writers) }))
  const byKey = (a: Added, b: Added) => (a.key < b.key ? -1 : 1)
  t.alike([...watched.added].sort(byKey), expected.sort(byKey))
})

test('where that one is away, the next one does it', async (t) => {
  const { writers, stranger } = await openWriters(t)
  const [key = ''] = KEYS
  const away = writers.find(({ desk }) => desk.writerKey === electedFor(key, writers)) as OpenMember
  const others = writers.filter((member) => member !== away)
  const [watcher] = others as [OpenMember]
  const watched = watchInvitations(watcher)
  await away.close()
  await askAll(stranger, others, [key])
  while (watched.added.length === 0) await watched.heard
  t.alike(watched.added, [{ key, by: electedFor(key, others) }])
})

test('a reader whom nobody heard asks again (D34)', async (t) => {
  const dht = await startDht(t)
  const admin = await openMember(t, dht)
  await beginSubnet(admin)
  await admin.desk.operate('set_auto_add_writers', { enabled: 1 })
  const { members } = admin.desk.subnet
  const asked: number[] = []
  const third = deferred<void>()
  members.receive('inviteMyKey', () => {
    asked.push(Date.now())
    if (asked.length === 3) third.resolve()
  })
  const flags = ['--subnet-bootstrap', admin.desk.bootstrap]
  const reader = await openMember(t, dht, flags, { times: { askAgain: 100 } })
  await third.promise
  const [first = 0, second = 0, last = 0] = asked
  t.ok(second - first >= 90 && last - second >= 190, `after ${second - first} ms, then ${last - second}`)
  t.absent(reader.desk.writable)
})
