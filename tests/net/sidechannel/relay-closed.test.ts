import test from 'brittle'
import { hear, hearDrops, until } from '../../helpers/heard.ts'
import { chain, openShape } from '../../helpers/shape.ts'
import { once, startDht } from '../../helpers/swarm.ts'
import { name } from '../../unit/sidechannel/helpers.ts'

const ROOM = name('room')
const ENTRY = name('0000intercom')
const FAST = ['--sidechannel-pow', '0']

test('who is not invited gets nothing and passes on nothing', { timeout: 120_000 }, async (t) => {
  // Invited - owner - not invited - invited.
  const edges = [
    [0, 1],
    [0, 2],
    [2, 3]
  ] as const
  const flags = (index: number, keys: readonly string[]) => {
    const guarded = [
      ...['--sidechannel-invite-channels', ROOM],
      ...(index === 0 ? [] : ['--sidechannel-inviter-keys', keys[0] ?? ''])
    ]
    const rules = index === 2 ? [] : guarded
    return [...FAST, '--sidechannel-welcome-required', '0', ...rules]
  }
  const shape = { edges, nodes: 4, channel: ENTRY, flags }
  const [owner, near, between, far] = await openShape(t, await startDht(t), shape)
  if (!owner || !near || !between || !far) return
  const heard = [owner, near, between, far].map(({ sidechannels }) => hear(sidechannels))
  const drops = hearDrops(far.sidechannels)

  t.ok(owner.sidechannels.join(ROOM).ok)
  t.ok(between.sidechannels.join(ROOM).ok, 'its own flags ask for nothing')
  for (const { node, sidechannels } of [near, far]) {
    t.alike(sidechannels.join(ROOM), { ok: false, reason: 'uninvited' })
    const invite = owner.sidechannels.invite(ROOM, node.key, 600, null)
    t.ok(sidechannels.join(ROOM, { invite }).ok)
  }
  const channel = owner.sidechannels.channels.get(ROOM)
  await until(owner.sidechannels, 'changed', () => channel?.isAuthorised(near.node.key, Date.now()) === true)
  await until(
    between.sidechannels,
    'changed',
    () => between.sidechannels.channels.get(ROOM)?.sessions.length === 2
  )

  const sent = await owner.sidechannels.send(ROOM, 'secret')
  t.is(sent.ok && sent.neighbours, 1)
  t.ok((await near.sidechannels.send(ROOM, 'answer')).ok)
  t.ok((await between.sidechannels.send(ROOM, 'let me in')).ok)
  await heard[0]?.count(1)
  await drops.count(1)
  await heard[1]?.count(1)
  // On the same connections, so that anything before it has arrived when it does.
  await owner.sidechannels.send(ENTRY, 'marker')
  await until(far.sidechannels, 'message', () => heard[3]?.all.length === 1)
  const texts = heard.map((each) => each.all.map(({ message }) => message.message))
  t.alike(texts, [['answer'], ['secret', 'marker'], ['marker'], ['marker']])
  t.alike(drops.all, ['uninvited'])
  t.is(owner.sidechannels.channels.get(ROOM)?.drops.count('uninvited'), 1)
  const got = between.sidechannels.channels.get(ROOM)
  t.is(got?.counts.received, 1, 'nothing but the proof of the one who was invited')
  t.is(got?.counts.relayed, 0)
})

test('an invite that runs out ends it at once', { timeout: 120_000 }, async (t) => {
  let ahead = 0
  const now = () => Date.now() + ahead
  const flags = (index: number, keys: readonly string[]) => [
    ...[...FAST, '--sidechannel-welcome-required', '0', '--sidechannel-invite-channels', ROOM],
    ...(index === 0 ? [] : ['--sidechannel-inviter-keys', keys[0] ?? ''])
  ]
  const shape = { edges: chain(2), nodes: 2, channel: ENTRY, flags, now }
  const [owner, guest] = await openShape(t, await startDht(t), shape)
  if (!owner || !guest) return
  owner.sidechannels.join(ROOM)
  const authorised = until(owner.sidechannels, 'changed', () => {
    return owner.sidechannels.channels.get(ROOM)?.isAuthorised(guest.node.key, now()) === true
  })
  const invite = owner.sidechannels.invite(ROOM, guest.node.key, 300, null)
  t.ok(guest.sidechannels.join(ROOM, { invite }).ok)
  await authorised
  const before = await owner.sidechannels.send(ROOM, 'before')
  t.is(before.ok && before.neighbours, 1)
  ahead = 301_000
  const after = await owner.sidechannels.send(ROOM, 'after')
  t.is(after.ok && after.neighbours, 0)
  t.alike(await guest.sidechannels.send(ROOM, 'me too'), { ok: false, reason: 'uninvited' })
  // A new one is shown on the session that is open already.
  const renewed = once(guest.sidechannels, 'message')
  t.ok(
    guest.sidechannels.join(ROOM, { invite: owner.sidechannels.invite(ROOM, guest.node.key, 300, null) }).ok
  )
  await until(owner.sidechannels, 'changed', () => {
    return owner.sidechannels.channels.get(ROOM)?.isAuthorised(guest.node.key, now()) === true
  })
  t.ok((await owner.sidechannels.send(ROOM, 'again')).ok)
  await renewed
})

test('welcomes go to neighbours alone', { timeout: 120_000 }, async (t) => {
  const flags = (index: number, keys: readonly string[]) => {
    return [...FAST, ...(index === 0 ? [] : ['--sidechannel-owner', `${ROOM}:${keys[0]}`])]
  }
  const shape = { edges: chain(3), nodes: 3, channel: ROOM, flags }
  const [owner, middle, end] = await openShape(t, await startDht(t), shape)
  if (!owner || !middle || !end) return
  const dropped = hearDrops(end.sidechannels)
  const heard = hear(middle.sidechannels)
  owner.sidechannels.welcome(ROOM, 'hello')
  await until(middle.sidechannels, 'changed', () => {
    return middle.sidechannels.channels.get(ROOM)?.welcomed === true
  })
  await owner.sidechannels.send(ROOM, 'text')
  await heard.count(1)
  await dropped.count(1)
  t.alike(dropped.all, ['welcome'], 'the text came, the welcome before it did not')
  t.is(end.sidechannels.channels.get(ROOM)?.counts.received, 0)
  t.absent(end.sidechannels.channels.get(ROOM)?.welcomed)
})
