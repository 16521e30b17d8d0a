import b4a from 'b4a'
import test from 'brittle'
import { createInvite, createWelcome } from '../../../features/sidechannel/grants.ts'

import type { OpenRequest } from '../../../features/sidechannel/requests.ts'
import type { SidechannelMessage } from '../../../features/sidechannel/wire.ts'
import { hear, neighbours, until } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { frameOf, openRawDht, type RawChannel, RawPeer } from '../../helpers/raw-peer.ts'
import { once, startDht } from '../../helpers/swarm.ts'
import { captures, name, signerOf } from '../../unit/sidechannel/helpers.ts'
import { naiveVerify, naiveZeroBits } from '../../unit/sidechannel/reference.ts'

const ENTRY = name('0000intercom')
const DEPLOYED = 2
const BITS = 12

/** As deployed peers make them: hashed as `hashed` says, which is not always what goes over the wire. */
function deployedMessage(channel: RawChannel, body: unknown, hashed: unknown = body): SidechannelMessage {
  const message = channel.message(body)
  let nonce = 0
  while (naiveZeroBits({ ...message, message: hashed }, nonce) < BITS) nonce++
  const { sig, ...rest } = message
  return { ...rest, pow: { nonce, difficulty: BITS }, sig: sig as string }
}

test('a deployed peer and ours on the entry channel', { timeout: 120_000 }, async (t) => {
  const bootstrap = await startDht(t)
  const owner = signerOf(DEPLOYED)
  const { node, sidechannels } = await openNode(t, bootstrap, [
    ...['--sidechannel-owner', `pub1:${owner.publicKey}`]
  ])
  await sidechannels.announced()
  const heard = hear(sidechannels)
  const peer = new RawPeer(openRawDht(t, bootstrap), node, DEPLOYED)
  const entry = await peer.join(ENTRY)
  await neighbours(sidechannels, ENTRY, 1)

  const bodies = [captures().signed_payload_with_pow, captures().signed_payload_unicode_object]
  for (const { payload } of bodies) entry.send(deployedMessage(entry, payload.message))
  await heard.count(2)
  t.alike(
    heard.all.map(({ message }) => message.message),
    bodies.map(({ payload }) => payload.message)
  )

  // A copy that they pass on for somebody else, with their own name as the relay.
  const author = await new RawPeer(openRawDht(t, bootstrap), node, 3).join(ENTRY)
  const relayed = { ...deployedMessage(author, 'over two hops'), ttl: 2, relayedBy: owner.publicKey }
  entry.send(relayed)
  await heard.count(3)
  t.is(heard.all[2]?.message.from, signerOf(3).publicKey)
  t.is(heard.all[2]?.verified, true)

  // The work of an `open_channel` was done with what is left out as null.
  const welcome = createWelcome({ channel: name('pub1'), text: 'Welcome', issuedAt: Date.now() }, owner)
  const asked = { control: 'open_channel', channel: 'pub1', welcome }
  const request = once<OpenRequest>(sidechannels, 'request')
  entry.send(deployedMessage(entry, asked, { ...asked, invite: null }))
  t.is((await request).channel, 'pub1')
  t.is((await request).from, owner.publicKey)
  t.ok(sidechannels.accept(name('pub1'))?.ok)
  t.is(sidechannels.channels.get(name('pub1'))?.welcomed, true)
})

test('auth, welcome and payloads on an invite-only channel of a deployed owner', {
  timeout: 60_000
}, async (t) => {
  const bootstrap = await startDht(t)
  const owner = signerOf(DEPLOYED)
  const PRIV = name('priv1')
  const { node, sidechannels } = await openNode(t, bootstrap, [
    ...['--sidechannel-invite-channels', PRIV, '--sidechannel-inviter-keys', owner.publicKey],
    ...['--sidechannel-owner', `${PRIV}:${owner.publicKey}`]
  ])
  await sidechannels.announced()
  const heard = hear(sidechannels)
  const issuedAt = Date.now()
  const welcome = createWelcome({ channel: PRIV, text: 'Welcome', issuedAt }, owner)
  const fields = { channel: PRIV, inviterAddress: null, issuedAt, expiresAt: issuedAt + 600_000 }
  const invite = createInvite({ ...fields, inviteePubKey: node.key }, owner)
  t.ok(sidechannels.join(PRIV, { invite }).ok)

  const dht = openRawDht(t, bootstrap)
  const channel = await new RawPeer(dht, node, DEPLOYED).join(PRIV)
  await channel.frames.count(1)
  t.alike(channel.messages[0]?.message, { control: 'auth', invite }, 'we prove ourselves, once')
  channel.send(deployedMessage(channel, { control: 'welcome', welcome }))
  channel.send(deployedMessage(channel, 'hello'))
  await heard.count(1)

  // Another joiner proves itself to us, and then takes part.
  const guest = await new RawPeer(dht, node, 3).join(PRIV)
  const theirs = createInvite({ ...fields, inviteePubKey: signerOf(3).publicKey, welcome }, owner)
  guest.send(deployedMessage(guest, { control: 'auth', invite: theirs }))
  guest.send(deployedMessage(guest, 'me too'))
  await heard.count(2)
  await until(sidechannels, 'message', () => heard.all[1]?.message.message === 'me too')
  // Passed on to the owner, and the proof that was shown to us was not.
  await channel.frames.count(2)
  const copy = channel.messages[1]
  t.alike([copy?.message, copy?.ttl, copy?.relayedBy], ['me too', 2, node.key])
})

test('what we send is what the specification says, byte for byte', { timeout: 120_000 }, async (t) => {
  const bootstrap = await startDht(t)
  const { node, sidechannels } = await openNode(t, bootstrap)
  await sidechannels.announced()
  const channel = await new RawPeer(openRawDht(t, bootstrap), node, DEPLOYED).join(ENTRY)
  await neighbours(sidechannels, ENTRY, 1)
  const bodies = [
    captures().signed_payload_unicode_object.payload.message,
    'text',
    null,
    [],
    1.5,
    'x'.repeat(70_000)
  ]
  for (const body of bodies) await sidechannels.send(ENTRY, body)
  await sidechannels.open(name('pub1'), ENTRY)
  await channel.frames.count(bodies.length + 1)
  t.alike(
    channel.messages.slice(0, -1).map(({ message }) => message),
    bodies
  )
  for (const [index, frame] of channel.frames.all.entries()) {
    const made = channel.messages[index] as SidechannelMessage
    const { id, channel: on, from, origin, message, ts, ttl, pow, sig } = made
    const fields = ['type', 'id', 'channel', 'from', 'origin', 'message', 'ts', 'ttl', 'pow', 'sig']
    t.alike(Object.keys(made), fields)
    t.ok(
      b4a.equals(frame, frameOf(JSON.stringify(made))),
      'the shortest prefix, and JSON without white space'
    )
    t.alike([on, from, origin, ttl], [ENTRY, node.key, node.key, 3])
    t.ok(new RegExp(`^${from}:${ts}:[0-9a-f]{16}$`).test(id))
    t.ok(naiveZeroBits(made as never, pow?.nonce) >= BITS)
    t.is(pow?.difficulty, BITS)
    t.ok(
      naiveVerify({ kind: 'sidechannel_message_v1', id, channel: on, from, origin, ts, message }, sig, from)
    )
  }
  t.alike(channel.messages.at(-1)?.message, { control: 'open_channel', channel: 'pub1' })
})
