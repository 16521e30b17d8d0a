import test, { type Assertions } from 'brittle'
import fs from '#fs'
import { createInvite, createWelcome } from '../../../features/sidechannel/grants.ts'
import { signMessage } from '../../../features/sidechannel/wire.ts'
import { hear, hearDrops, until } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { openRawDht, RawPeer } from '../../helpers/raw-peer.ts'
import { startDht } from '../../helpers/swarm.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'
import { name, signerOf } from '../../unit/sidechannel/helpers.ts'

const ENTRY = '0000intercom'
const ROOM = name('room')
const [AUTHOR, ENEMY] = [2, 3]

async function setUp(t: Assertions, flags: readonly string[] = []) {
  const clock = { ahead: 0 }
  const bootstrap = await startDht(t)
  const now = () => Date.now() + clock.ahead
  const all = ['--sidechannel-pow', '0', '--sidechannel-rate-bytes', '0', ...flags]
  const { node, sidechannels } = await openNode(t, bootstrap, all, undefined, { now })
  await sidechannels.announced()
  const dht = openRawDht(t, bootstrap)
  const connect = (fill: number) => new RawPeer(dht, node, fill)
  return { clock, node, sidechannels, connect, heard: hear(sidechannels), drops: hearDrops(sidechannels) }
}

test('nobody speaks for somebody else', async (t) => {
  const { connect, heard, drops } = await setUp(t)
  const author = await connect(AUTHOR).join(ENTRY)
  const enemy = await connect(ENEMY).join(ENTRY)
  const real = author.message('real')
  const { from } = real
  // Signed by another, not signed, and as a copy that somebody passed on.
  enemy.say('forged', { from, origin: from })
  const { sig: _, ...unsigned } = real
  enemy.send({ ...unsigned, message: 'forged' })
  enemy.send({ ...real, message: 'forged', relayedBy: signerOf(ENEMY).publicKey })
  await drops.count(3)
  t.alike(drops.all, ['signature', 'signature', 'signature'])

  // The same id, ahead of the real one: first in the author's name, then in their own.
  enemy.send({ ...real, message: 'other content' })
  enemy.say('mine', { id: real.id })
  await drops.count(4)
  await heard.count(1)
  author.send(real)
  await heard.count(2)
  const mine = [signerOf(ENEMY).publicKey, 'mine']
  t.alike(
    heard.all.map(({ message }) => [message.from, message.message]),
    [mine, [from, 'real']]
  )
  t.is(heard.all[1]?.verified, true)
})

test('an old message does not pass again', { timeout: 120_000 }, async (t) => {
  // Nothing is passed on, so that no queue to a neighbour fills and adds drops of its own.
  const { clock, connect, heard, drops } = await setUp(t, ['--sidechannel-relay', '0'])
  const author = await connect(AUTHOR).join(ENTRY)
  const enemy = await connect(ENEMY).join(ENTRY)
  const first = author.say('first')
  await heard.count(1)
  const copy = { ...first, ttl: 2, relayedBy: signerOf(ENEMY).publicKey }
  enemy.send(copy)
  author.send(first)
  await drops.count(2)
  t.alike(drops.all, ['duplicate', 'duplicate'])

  // So many more of the author's that not every id is kept.
  const many = 9000
  const all = Array.from({ length: many }, (_, i) => author.say(i, { ts: first.ts + 1 + (i >> 3) }))
  await heard.count(many + 1)
  for (const each of [first, ...all.slice(-3), ...all.slice(6000, 6003)])
    enemy.send({ ...each, ttl: 2, relayedBy: signerOf(ENEMY).publicKey })
  await drops.count(9)
  t.ok(drops.all.every((reason) => reason === 'duplicate'))

  clock.ahead = 601_000
  enemy.send(copy)
  await drops.count(10)
  t.is(drops.all[9], 'stale')
  clock.ahead = 3_600_000
  enemy.send(copy)
  author.send(first)
  await drops.count(12)
  t.alike(drops.all.slice(10), ['stale', 'stale'])
  t.is(heard.all.length, many + 1)
})

test('after a restart nothing of before passes again, and nothing new is lost', {
  timeout: 60_000
}, async (t) => {
  const bootstrap = await startDht(t)
  const folder = temporaryFolder(t)
  const dht = openRawDht(t, bootstrap)
  const flags = ['--sidechannel-pow', '0']
  const run = async () => {
    const { node, sidechannels } = await openNode(t, bootstrap, flags, folder)
    await sidechannels.announced()
    const end = async () => {
      await sidechannels.close()
      await node.close()
    }
    return { node, heard: hear(sidechannels), drops: hearDrops(sidechannels), end }
  }
  const first = await run()
  const author = new RawPeer(dht, first.node, AUTHOR)
  const said = (await author.join(ENTRY)).say('pay once')
  await first.heard.count(1)
  await author.end()
  await first.end()
  // Written while nobody was there to hear it, and passed on later.
  const meanwhile = signMessage(
    { channel: ENTRY, message: 'meanwhile', ts: Date.now(), ttl: 3 },
    author.signer
  )

  const second = await run()
  const replayer = new RawPeer(dht, second.node, ENEMY)
  const enemy = await replayer.join(ENTRY)
  const relayedBy = signerOf(ENEMY).publicKey
  enemy.send({ ...said, relayedBy })
  enemy.send({ ...meanwhile, relayedBy })
  await second.drops.count(1)
  await second.heard.count(1)
  t.alike(second.drops.all, ['stale'])
  t.is(second.heard.all[0]?.message.message, 'meanwhile')
  await replayer.end()
  await second.end()

  // A run that ended without a word, so that nobody knows when.
  fs.unlinkSync(second.node.store.file('sidechannels-ended.json'))
  const third = await run()
  const again = await new RawPeer(dht, third.node, ENEMY).join(ENTRY)
  again.send({ ...meanwhile, relayedBy })
  again.say('now')
  await third.drops.count(1)
  await third.heard.count(1)
  t.alike(third.drops.all, ['stale'])
  t.is(third.heard.all[0]?.message.message, 'now')
})

test('no invite but the right one opens the door', { timeout: 120_000 }, async (t) => {
  const { node, sidechannels, connect, heard, drops } = await setUp(t, ['--sidechannel-invite-required', '1'])
  sidechannels.welcome(ROOM, 'a text for the invited')
  t.ok(sidechannels.join(ROOM).ok)
  const peer = connect(ENEMY)
  const enemy = await peer.join(ROOM)
  const entry = await peer.join(ENTRY)
  const { publicKey } = peer.signer
  const invite = sidechannels.invite(ROOM, publicKey, 600, null)
  const issuedAt = Date.now()
  const fields = {
    channel: ROOM,
    inviteePubKey: publicKey,
    inviterAddress: null,
    issuedAt,
    expiresAt: issuedAt + 600_000
  }
  const flip = (sig: string) => (sig.startsWith('0') ? `1${sig.slice(1)}` : `0${sig.slice(1)}`)
  const wrong = [
    ...[null, 1, 'x', [], {}, { payload: null, sig: 1 }, { payload: [], sig: [] }],
    sidechannels.invite(ROOM, signerOf(9).publicKey, 600, null),
    sidechannels.invite(name('other'), publicKey, 600, null),
    sidechannels.invite(ROOM, publicKey, -1, null),
    { ...invite, sig: flip(invite.sig) },
    { ...invite, payload: { ...invite.payload, expiresAt: invite.payload.expiresAt + 1 } },
    { ...invite, payload: { ...invite.payload, extra: true } },
    createInvite(fields, signerOf(ENEMY)),
    { ...createInvite(fields, signerOf(ENEMY)), payload: invite.payload }
  ]
  for (const each of wrong) {
    enemy.say({ control: 'auth', invite: each })
    enemy.say('let me in')
    enemy.say('with it', { invite: each })
  }
  await drops.count(wrong.length * 2)
  t.ok(drops.all.every((reason) => reason === 'uninvited'))
  const sent = await sidechannels.send(ROOM, 'secret')
  t.is(sent.ok && sent.neighbours, 0)
  // On the same connection, so that anything before it has arrived when it does.
  await sidechannels.send(name(ENTRY), 'marker')
  await entry.frames.count(1)
  t.is(enemy.frames.all.length, 0, 'not a byte, and no welcome')

  enemy.say({ control: 'auth', invite })
  enemy.say('now?')
  await heard.count(1)
  await enemy.frames.count(1)
  t.alike(
    enemy.messages.map(({ message }) => (message as { control: string }).control),
    ['welcome']
  )
  const answer = await sidechannels.send(ROOM, 'yes')
  t.is(answer.ok && answer.neighbours, 1)
  await enemy.frames.count(2)
  t.is(enemy.messages[1]?.from, node.key)
})

test('only the owner welcomes', async (t) => {
  const owner = signerOf(AUTHOR)
  const { sidechannels, connect, heard, drops } = await setUp(t, [
    ...['--sidechannels', ROOM, '--sidechannel-owner', `${ROOM}:${owner.publicKey}`]
  ])
  const enemy = await connect(ENEMY).join(ROOM)
  const issuedAt = Date.now()
  const fields = { channel: ROOM, text: 'hello', issuedAt }
  const own = createWelcome(fields, signerOf(ENEMY))
  const real = createWelcome(fields, owner)
  const wrong = [
    ...[null, 1, [], {}, { payload: {}, sig: '' }, own],
    { ...own, payload: { ...own.payload, ownerPubKey: owner.publicKey } },
    { ...real, payload: { ...real.payload, text: 'other' } },
    createWelcome({ ...fields, channel: name('other') }, owner)
  ]
  for (const welcome of wrong) enemy.say({ control: 'welcome', welcome })
  enemy.say('anybody?')
  await drops.count(1)
  t.alike(drops.all, ['welcome'])
  const channel = sidechannels.channels.get(ROOM)
  t.is(channel?.welcomed, false)
  // Who hands it on does not matter: it is the owner's word.
  enemy.say({ control: 'welcome', welcome: real })
  enemy.say('anybody now?')
  await heard.count(1)
  t.is(channel?.welcomed, true)
  // An older one takes nothing back.
  const newer = createWelcome({ ...fields, text: 'newer', issuedAt: issuedAt + 1 }, owner)
  enemy.say({ control: 'welcome', welcome: newer })
  enemy.say({ control: 'welcome', welcome: real })
  enemy.say('and now?')
  await until(sidechannels, 'message', () => heard.all.length === 2)
  t.is(channel?.welcome?.payload.text, 'newer')
})
