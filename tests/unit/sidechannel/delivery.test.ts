import test, { type Assertions } from 'brittle'
import { Channel } from '../../../features/sidechannel/channel.ts'
import { Delivery, PROVING_LIMITS } from '../../../features/sidechannel/delivery.ts'
import { Explainer } from '../../../features/sidechannel/explain.ts'
import { createInvite, createWelcome } from '../../../features/sidechannel/grants.ts'
import { Links } from '../../../features/sidechannel/links.ts'
import { Sequence } from '../../../features/sidechannel/sequence.ts'
import { createLog } from '../../../src/base/log.ts'
import { invitee, name, openPolicy, owner, signed, stranger } from './helpers.ts'
import { fakeSession } from './sessions.ts'

const T0 = 1_750_000_000_000
const room = name('room')
const CLOSED = { inviteRequired: true, inviters: new Set([owner.publicKey]), owner: owner.publicKey }

function inviteUntil(expiresAt: number) {
  const fields = { channel: room, inviteePubKey: invitee.publicKey, inviterAddress: null, issuedAt: T0 }
  return createInvite({ ...fields, expiresAt }, owner)
}

function setUp(t: Assertions) {
  const clock = { now: T0 }
  const now = () => clock.now
  const lines: string[] = []
  const log = createLog({ level: 'info', json: false, write: (line: string) => lines.push(line), now })
  const links = new Links({ rate: 0, burst: 1, maxStrikes: 0 }, now)
  t.teardown(() => links.closeAll())
  const controls = new Sequence()
  const dropped: string[] = []
  const delivery = new Delivery({
    ...{ links, controls, explain: new Explainer(log, true), log, now },
    ondrop: (_channel, reason) => dropped.push(reason)
  })
  const channel = new Channel(openPolicy(CLOSED), owner.publicKey)
  const session = fakeSession(invitee.publicKey)
  const payload = (frame: number[], message = signed()) =>
    delivery.payload(channel, message, session, Uint8Array.from(frame), 'own')
  return { clock, lines, links, controls, dropped, delivery, channel, session, payload }
}

test('a payload that waits when the invite runs out does not go', (t) => {
  const { channel, clock, session, payload, links, dropped } = setUp(t)
  channel.authorise(invitee.publicKey, inviteUntil(T0 + 1000), T0)
  session.drained = false
  t.is(payload([1]), 'queued')
  clock.now = T0 + 1000
  session.drained = true
  links.of(session.neighbour).outbox.handleDrain()
  t.alike(session.sent, [])
  t.alike(dropped, ['uninvited'], 'and is counted')
})

test('a full queue is counted and explained', (t) => {
  const { channel, session, payload, dropped, lines } = setUp(t)
  channel.authorise(invitee.publicKey, inviteUntil(T0 + 1000), T0)
  session.drained = false
  const message = signed()
  while (payload(Array(1000).fill(0), message) === 'queued') t.is(dropped.length, 0)
  t.alike(dropped, ['queue'])
  t.is(channel.drops.count('queue'), 1)
  t.is(lines.length, 1)
  t.ok(lines[0]?.includes('receiver too slow') && lines[0].includes(message.id))
})

test('what waits for our proof is bounded, and goes behind it', async (t) => {
  const { channel, session, payload, controls, dropped } = setUp(t)
  channel.authorise(invitee.publicKey, inviteUntil(T0 + 1000), T0)
  let prove = () => {}
  channel.proving(session)
  const proof = controls.run(async () => {
    await new Promise<void>((resolve) => {
      prove = resolve
    })
    session.send(Uint8Array.of(0))
    channel.proven(session)
  })
  await Promise.resolve()
  // The proof itself is one of them.
  for (let n = 1; n < PROVING_LIMITS.messages; n++)
    if (payload([n & 0xff]) !== 'queued') t.fail(`full at ${n}`)
  t.is(payload([1]), 'full')
  t.alike(dropped, ['queue'])
  prove()
  await proof
  await controls.settled()
  t.is(session.sent.length, PROVING_LIMITS.messages)
  t.alike(
    session.sent.slice(0, 3).map(([byte]) => byte),
    [0, 1, 2]
  )
  t.is(channel.provingOf(session), null)
})

test('an older invite does not shorten what a newer one gives; a lost welcome is owed again', (t) => {
  const { channel, session } = setUp(t)
  channel.welcome = createWelcome({ channel: room, text: 'hello', issuedAt: T0 }, owner)
  t.absent(channel.shouldWelcome(session, T0), 'not before the invite')
  channel.authorise(invitee.publicKey, inviteUntil(T0 + 2000), T0)
  channel.authorise(invitee.publicKey, inviteUntil(T0 + 1000), T0)
  t.ok(channel.isAuthorised(invitee.publicKey, T0 + 1500))
  t.absent(channel.isAuthorised(stranger.publicKey, T0))
  t.ok(channel.shouldWelcome(session, T0))
  t.absent(channel.shouldWelcome(session, T0))
  channel.forgetAnnouncement(session)
  t.ok(channel.shouldWelcome(session, T0))
})
