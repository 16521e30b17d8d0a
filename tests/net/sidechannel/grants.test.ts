import test, { type Assertions } from 'brittle'
import fs from '#fs'
import { createInvite, createWelcome } from '../../../features/sidechannel/grants.ts'
import { hear, hearDrops, neighbours, until } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { openRawDht, type RawChannel, RawPeer } from '../../helpers/raw-peer.ts'
import { startDht } from '../../helpers/swarm.ts'
import { name, owner } from '../../unit/sidechannel/helpers.ts'

const ENTRY = name('0000intercom')
const ROOM = name('room')
const FAST = ['--sidechannel-pow', '0']
const CLOSED = ['--sidechannel-invite-required', '1', '--sidechannel-invite-channels', ROOM]

/** A node whose clock can be moved, and a neighbour of it. */
async function setUp(t: Assertions, flags: readonly string[] = []) {
  const clock = { ahead: 0 }
  const now = () => Date.now() + clock.ahead
  const bootstrap = await startDht(t)
  const opened = await openNode(t, bootstrap, [...FAST, ...flags], undefined, { now })
  await opened.sidechannels.announced()
  const peer = new RawPeer(openRawDht(t, bootstrap), opened.node, 3)
  const entry = await peer.join(ENTRY)
  await neighbours(opened.sidechannels, ENTRY, 1)
  const drops = hearDrops(opened.sidechannels)
  return { ...opened, clock, now, peer, entry, drops }
}

test('a welcome does not go to whose invite runs out while it is made', async (t) => {
  const { node, sidechannels, clock, peer, entry } = await setUp(t, CLOSED)
  sidechannels.welcome(ROOM, 'for the invited alone')
  t.ok(sidechannels.join(ROOM).ok)
  const room = await peer.join(ROOM)
  await neighbours(sidechannels, ROOM, 1)
  const prove = () => {
    const invite = sidechannels.invite(ROOM, peer.signer.publicKey, 60, null)
    room.say({ control: 'auth', invite }, { ts: node.now() })
  }
  // Before anything else can run, as the welcome is made in steps.
  sidechannels.once('changed', () => {
    clock.ahead += 61_000
  })
  prove()
  await until(sidechannels, 'changed', () => clock.ahead > 0)
  await sidechannels.send(ENTRY, 'marker')
  await entry.frames.count(1)
  t.alike(room.messages, [])
  // It is owed still.
  prove()
  await room.frames.count(1)
  t.alike(
    room.messages.map(({ message }) => (message as { control: string }).control),
    ['welcome']
  )
})

test('a joiner proves itself once, and its welcome goes to nobody who has not', {
  timeout: 60_000
}, async (t) => {
  const flags = [
    '--sidechannel-inviter-keys',
    owner.publicKey,
    '--sidechannel-owner',
    `${ROOM}:${owner.publicKey}`
  ]
  const { node, sidechannels, clock, now, peer, entry } = await setUp(t, [...CLOSED, ...flags])
  const welcome = createWelcome({ channel: ROOM, text: 'for the invited alone', issuedAt: now() }, owner)
  const fields = { channel: ROOM, inviterAddress: null, issuedAt: now() }
  const invite = createInvite(
    { ...fields, inviteePubKey: node.key, expiresAt: now() + 600_000, welcome },
    owner
  )
  const { welcome: _, ...bare } = invite
  t.ok(sidechannels.join(ROOM, { invite }).ok)
  const channel = sidechannels.channels.get(ROOM)
  const meet = async () => {
    const room = await peer.join(ROOM)
    await neighbours(sidechannels, ROOM, 1)
    return room
  }
  /** All that came by then, as a later frame on the same connection has come too. */
  const shownOn = async (room: RawChannel) => {
    const { length } = entry.frames.all
    await sidechannels.send(ENTRY, 'marker')
    await entry.frames.count(length + 1)
    return room.messages.map(({ message }) => message)
  }
  const part = async (room: RawChannel) => {
    room.close()
    await neighbours(sidechannels, ROOM, 0)
  }

  const first = await meet()
  const theirs = createInvite(
    { ...fields, inviteePubKey: peer.signer.publicKey, expiresAt: now() + 60_000 },
    owner
  )
  first.say({ control: 'auth', invite: theirs })
  await until(sidechannels, 'changed', () => channel?.isAuthorised(peer.signer.publicKey, now()) === true)
  t.alike(
    await shownOn(first),
    [
      { control: 'auth', invite: bare },
      { control: 'welcome', welcome }
    ],
    'the rest when it has proven itself too'
  )
  await part(first)

  // Who is known to be invited gets it all, and once too.
  const second = await meet()
  t.alike(await shownOn(second), [{ control: 'auth', invite }])
  await part(second)

  // Its invite runs out while the proof is being made.
  sidechannels.once('changed', () => {
    clock.ahead += 61_000
  })
  const third = await meet()
  t.ok(clock.ahead > 0)
  t.alike(await shownOn(third), [{ control: 'auth', invite: bare }])
})

test('a channel in which only an owner may write, and none is known', async (t) => {
  const flags = ['--sidechannel-owner-write-only', '1', '--sidechannel-welcome-required', '0']
  const { sidechannels, peer, entry, drops } = await setUp(t, flags)
  t.ok(sidechannels.join(ROOM).ok)
  const room = await peer.join(ROOM)
  room.say('mine now')
  await drops.count(1)
  t.alike(drops.all, ['owner_only'])
  t.alike(await sidechannels.send(ROOM, 'x'), { ok: false, reason: 'owner_only' })
  // The entry has no owner either, and is open to all.
  const heard = hear(sidechannels)
  entry.say('hello')
  await heard.count(1)
  const sent = await sidechannels.send(ENTRY, 'hello to you')
  t.is(sent.ok && sent.neighbours, 1)
  // Who becomes the owner may.
  t.unlike(sidechannels.welcome(ROOM, 'mine'), 'owner_only')
  await neighbours(sidechannels, ROOM, 1)
  const own = await sidechannels.send(ROOM, 'now')
  t.is(own.ok && own.neighbours, 1)
})

test('handshakes and requests that do not verify are drops', async (t) => {
  const { sidechannels, peer, entry, drops } = await setUp(t, CLOSED)
  sidechannels.welcome(ROOM, 'hello')
  t.ok(sidechannels.join(ROOM).ok)
  const room = await peer.join(ROOM)
  room.say({ control: 'welcome', welcome: {} })
  room.say({ control: 'auth', invite: {} })
  entry.say({ control: 'open_channel', channel: 'theirs' })
  await drops.count(3)
  t.alike(drops.all, ['welcome', 'uninvited', 'welcome'])
  t.is(sidechannels.channels.get(ROOM)?.counts.received, 0)
  t.is(sidechannels.channels.get(ENTRY)?.counts.received, 0)
  // Where nothing is asked for, it is nobody's fault.
  entry.say({ control: 'auth', invite: {} })
  entry.say('marker')
  await until(sidechannels, 'message', () => sidechannels.channels.get(ENTRY)?.counts.received === 2)
  t.is(drops.all.length, 3)
})

test('a request outlives a full disk', async (t) => {
  const flags = ['--sidechannel-auto-join', '1', '--sidechannel-welcome-required', '0']
  const { node, sidechannels, entry, lines } = await setUp(t, flags)
  // A folder in the place of the file: no write can succeed, for root neither.
  const file = node.store.file('sidechannels.json')
  fs.mkdirSync(file)
  entry.say({ control: 'open_channel', channel: ROOM })
  await until(sidechannels, 'request', () => sidechannels.pending.list().length === 1)
  t.absent(sidechannels.channels.has(ROOM))
  t.ok(lines.some((line) => line.includes('a channel was not joined as asked')))
  t.exception(() => sidechannels.accept(ROOM))
  t.is(sidechannels.pending.list().length, 1)
  fs.rmdirSync(file)
  t.ok(sidechannels.accept(ROOM)?.ok)
  t.is(sidechannels.pending.list().length, 0)
  entry.say('still there')
  await until(sidechannels, 'message', () => sidechannels.channels.get(ENTRY)?.counts.received === 2)
})

test('a welcome given at a join is announced to who is there', async (t) => {
  const { node, sidechannels, peer, now } = await setUp(t)
  sidechannels.welcome(ROOM, 'first')
  t.ok(sidechannels.join(ROOM).ok)
  const room = await peer.join(ROOM)
  await room.frames.count(1)
  const second = createWelcome({ channel: ROOM, text: 'second', issuedAt: now() + 1 }, node.signer)
  t.ok(sidechannels.join(ROOM, { welcome: second }).ok)
  await room.frames.count(2)
  const welcomes = room.messages.map(({ message }) => (message as { welcome: unknown }).welcome)
  t.alike(welcomes[1], second)
})

test('a send whose channel is left, or whose invite runs out, before it goes', async (t) => {
  const keys = ['--sidechannel-inviter-keys', owner.publicKey, '--sidechannel-welcome-required', '0']
  const { node, sidechannels, clock, now } = await setUp(t, [...CLOSED, ...keys])
  const fields = { channel: ROOM, inviteePubKey: node.key, inviterAddress: null, issuedAt: now() }
  const invite = createInvite({ ...fields, expiresAt: now() + 60_000 }, owner)
  t.ok(sidechannels.join(ROOM, { invite }).ok)
  const late = sidechannels.send(ROOM, 'late')
  clock.ahead += 61_000
  t.alike(await late, { ok: false, reason: 'uninvited' })
  clock.ahead = 0
  const left = sidechannels.send(ROOM, 'left')
  t.ok(sidechannels.leave(ROOM))
  await t.exception(left, /was left before/)
})
