import test from 'brittle'
import { createInvite } from '../../../features/sidechannel/grants.ts'
import { type Arrival, type ChannelState, Pipeline } from '../../../features/sidechannel/pipeline.ts'
import type { ChannelPolicy } from '../../../features/sidechannel/policy/channel-policy.ts'
import { ConnectionRate } from '../../../features/sidechannel/policy/rate.ts'
import { encodeMessage, type SidechannelMessage, signMessage } from '../../../features/sidechannel/wire.ts'
import { DropCounter } from '../../../src/base/reasons.ts'
import {
  capturedMessages,
  captures,
  frameOf,
  invitee,
  name,
  openPolicy,
  owner,
  signed,
  signerOf,
  stranger
} from './helpers.ts'
import { naiveZeroBits } from './reference.ts'

const us = signerOf(4)
const T0 = 1_750_000_000_000
const LIMITS = { rate: 64_000, burst: 256_000, maxStrikes: 3 }

function setUp(policy: Partial<ChannelPolicy> = {}, state: Partial<ChannelState> = {}, options = {}) {
  const pipeline = new Pipeline({
    ...{ self: us.publicKey, maxBytes: 1_000_000, maxSkewMs: 600_000, allowUnsigned: false },
    ...options
  })
  const drops = new DropCounter()
  const channel = { policy: openPolicy(policy), drops, welcomed: false, invitedUntil: 0, ...state }
  const rates = new Map<string, ConnectionRate>()
  const check = (frame: Uint8Array, key = owner.publicKey, more: Partial<Arrival> = {}) => {
    const rate = rates.get(key) ?? new ConnectionRate(LIMITS, T0)
    rates.set(key, rate)
    return pipeline.check({ frame, channel, neighbour: { key, rate }, invitedUntil: 0, now: T0, ...more })
  }
  const outcome = (message: SidechannelMessage, key = owner.publicKey, more: Partial<Arrival> = {}) => {
    const verdict = check(encodeMessage(message), key, more)
    return verdict.ok ? verdict.proof : verdict.reason
  }
  return { pipeline, drops, channel, check, outcome }
}

test('a message of its author passes unsigned-checked, a relayed one by its signature', (t) => {
  const { outcome, check, drops } = setUp()
  t.is(outcome(signed()), 'direct')
  t.is(outcome(signed(), stranger.publicKey), 'signed')
  const relayed = { ...signed(), relayedBy: stranger.publicKey, ttl: 2 }
  t.is(outcome(relayed, stranger.publicKey), 'signed')
  t.is(outcome(relayed, invitee.publicKey), 'duplicate')
  t.is(outcome({ ...signed(), message: 'forged' }, stranger.publicKey), 'signature')
  const verdict = check(encodeMessage(signed({ message: 'x' })))
  t.alike(verdict.ok && verdict.message.message, 'x')
  t.is(drops.count('duplicate'), 1)
  t.is(drops.count('signature'), 1)
  t.is(drops.total, 2)
})

test('deployed peers are understood', (t) => {
  for (const [label, { payload, wireChannel, remote }] of capturedMessages()) {
    const channel = name(wireChannel)
    const { outcome } = setUp({ channel, powBits: 12, welcomeRequired: false })
    const proof = payload.relayedBy === undefined ? 'direct' : 'signed'
    t.is(outcome(payload, remote as typeof owner.publicKey, { now: payload.ts }), proof, label)
  }
})

test('auth and welcome open the door themselves', (t) => {
  const { auth_control: auth, welcome_control: welcome, signed_payload_with_pow: payload } = captures()
  const inviters = new Set([welcome.remote])
  const closed = { inviteRequired: true, inviters, welcomeRequired: true, ownerWriteOnly: true, powBits: 12 }
  const owned = { ...closed, owner: welcome.remote as typeof owner.publicKey }
  for (const { payload: control, wireChannel, remote } of [auth, welcome]) {
    const { check } = setUp({ ...owned, channel: name(wireChannel) })
    const more = { now: control.ts }
    const verdict = check(encodeMessage(control), remote as typeof owner.publicKey, more)
    t.is(verdict.ok && verdict.control?.control, (control.message as { control: string }).control)
  }
  const { outcome } = setUp({ ...owned, channel: name(payload.wireChannel) }, { invitedUntil: 9e15 })
  const from = payload.remote as typeof owner.publicKey
  t.is(outcome(payload.payload, from, { now: payload.payload.ts }), 'uninvited')
})

test('an invite that comes along authorises its neighbour', (t) => {
  const channel = name('room')
  const fields = {
    channel,
    inviteePubKey: invitee.publicKey,
    inviterAddress: null,
    issuedAt: T0,
    expiresAt: T0 + 10
  }
  const invite = createInvite(fields, owner)
  const policy = { inviteRequired: true, inviters: new Set([owner.publicKey]) }
  const { check, outcome } = setUp(policy, { invitedUntil: T0 + 1 })
  t.is(outcome(signed({}, invitee), invitee.publicKey), 'uninvited')
  const verdict = check(encodeMessage(signed({ invite }, invitee)), invitee.publicKey)
  t.alike(verdict.ok && verdict.invite, invite)
  t.is(outcome(signed({ invite }, invitee), stranger.publicKey), 'uninvited')
  t.is(outcome(signed({ message: 2 }, invitee), invitee.publicKey, { invitedUntil: T0 + 10 }), 'direct')
  t.is(outcome(signed({ message: 3 }, owner)), 'direct', 'an inviter needs none')
})

test('nothing enters the seen-set before author and work checked out', (t) => {
  const { outcome, pipeline } = setUp({ powBits: 8 })
  const draft = signed()
  let nonce = 0
  while (naiveZeroBits({ ...draft }, nonce) < 8) nonce++
  const good = { ...draft, pow: { nonce, difficulty: 8 } }
  t.is(outcome(draft), 'pow')
  t.is(outcome({ ...good, sig: '0'.repeat(128) }, stranger.publicKey), 'signature')
  t.is(pipeline.seen.size, 0)
  t.is(outcome(good, stranger.publicKey), 'signed')
  t.is(outcome(good), 'duplicate')
  t.is(pipeline.seen.size, 1)
})

test('what cannot be told from a replay is stale, but for handshakes', (t) => {
  const { outcome, pipeline } = setUp()
  pipeline.seen.forgetBefore(T0)
  const of = (message: unknown, ts: number) =>
    signMessage({ channel: 'room', message, ts, ttl: 3 }, signerOf(1))
  t.is(outcome(of('before', T0 - 1)), 'stale')
  t.is(outcome(of('since', T0)), 'direct')
  const welcome = of({ control: 'welcome', welcome: null }, T0 - 1)
  t.is(outcome(welcome), 'direct')
  t.is(outcome(of({ control: 'auth', invite: null }, T0 - 1)), 'direct')
  t.is(outcome(of({ control: 'open_channel', channel: 'x' }, T0 - 1)), 'stale')
  t.is(pipeline.seen.size, 1)
})

test('own messages come back as duplicates', (t) => {
  const { outcome } = setUp()
  const own = signMessage({ channel: 'room', message: 1, ts: T0, ttl: 3 }, us)
  t.is(outcome({ ...own, ttl: 2, relayedBy: stranger.publicKey }, stranger.publicKey), 'duplicate')
  const earlier = signMessage({ channel: 'room', message: 0, ts: T0 - 1000, ttl: 2 }, us)
  t.is(
    outcome({ ...earlier, relayedBy: stranger.publicKey }, stranger.publicKey),
    'duplicate',
    'of an earlier run'
  )
})

test('unsigned authors are admitted only when that was asked for, and never as owners', (t) => {
  const { sig: _, ...unsigned } = signed()
  t.is(setUp().outcome(unsigned, stranger.publicKey), 'signature')
  const lenient = setUp({}, {}, { allowUnsigned: true })
  t.is(
    lenient.outcome({ ...unsigned, sig: '0'.repeat(128) }, stranger.publicKey),
    'signature',
    'wrong is not absent'
  )
  t.is(lenient.outcome(unsigned, stranger.publicKey), 'none')
  t.is(lenient.outcome(unsigned, stranger.publicKey), 'duplicate')
  t.is(
    lenient.outcome({ ...unsigned, sig: signed().sig as string }, owner.publicKey),
    'direct',
    'not poisoned'
  )
  const owned = { owner: owner.publicKey, ownerWriteOnly: true }
  t.is(setUp(owned, {}, { allowUnsigned: true }).outcome(unsigned, stranger.publicKey), 'signature')
})

test('a flood of garbage blocks its sender, not others', (t) => {
  const { check, outcome } = setUp()
  for (let n = 0; n < 30; n++) check(frameOf('[]'), stranger.publicKey)
  t.is(outcome(signed(), stranger.publicKey), 'blocked')
  t.is(outcome(signed()), 'direct')
})

test('a neighbour pays for what it wrote, whoever relayed it', (t) => {
  const { outcome } = setUp()
  const large = 'x'.repeat(200_000)
  const first = { ...signed({ message: `1${large}` }), relayedBy: stranger.publicKey }
  t.is(outcome(first), 'signed')
  t.is(outcome(signed({ message: `2${large}` })), 'rate')
})

test('neighbours with other clocks', (t) => {
  const { outcome, pipeline } = setUp()
  t.is(outcome(signed({ ts: T0 - 700_000 })), 'stale')
  t.is(outcome(signed({ ts: T0 + 700_000 }, stranger), stranger.publicKey), 'stale')
  t.is(outcome(signed({ ts: T0 - 700_000 }, stranger), invitee.publicKey), 'stale')
  t.is(pipeline.skew.estimate()?.neighbours, 2, 'a relayed message says nothing about the clock')
  t.is(pipeline.skew.takeWarning(T0)?.ours, true)
})
