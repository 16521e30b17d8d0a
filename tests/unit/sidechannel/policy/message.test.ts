import test from 'brittle'
import fc from 'fast-check'
import { controlOf, isHandshake } from '../../../../features/sidechannel/control.ts'
import { namesChannel } from '../../../../features/sidechannel/policy/channel.ts'
import { isDuplicate, remember } from '../../../../features/sidechannel/policy/duplicate.ts'
import { relayCopy, shouldRelayTo } from '../../../../features/sidechannel/policy/relay.ts'
import { checkShape } from '../../../../features/sidechannel/policy/shape.ts'
import { isDirect, proofOf } from '../../../../features/sidechannel/policy/signature.ts'
import { ClockSkew, isStale } from '../../../../features/sidechannel/policy/stale.ts'
import type { Pow, SidechannelMessage } from '../../../../features/sidechannel/wire.ts'
import { SeenSet } from '../../../../src/base/seen.ts'
import type { Untrusted } from '../../../../src/base/untrusted.ts'
import { capturedMessages, captures, invitee, owner, signed, stranger, vectors } from '../helpers.ts'

const shape = (value: unknown) => checkShape(value as Untrusted<SidechannelMessage> | null)

test('messages of the vectors and of deployed peers are well-formed', (t) => {
  for (const { payload } of vectors().messages) t.alike(shape(payload), payload)
  for (const [name, { payload, wireChannel }] of capturedMessages()) {
    t.alike(shape(payload), payload, name)
    t.ok(namesChannel(payload, wireChannel))
  }
  t.absent(namesChannel(vectors().relayed, 'priv1 '))
})

test('what is not the shape of a message', (t) => {
  const good = signed()
  const text = 'x'.repeat(1_000_000)
  const wrong: Record<string, unknown[]> = {
    type: [undefined, null, 'other', 1],
    id: [undefined, null, '', 1, {}, text],
    channel: [undefined, null, 1, ['room']],
    from: [
      undefined,
      null,
      1,
      '',
      text,
      'a'.repeat(1_000_000),
      owner.publicKey.toUpperCase(),
      stranger.publicKey
    ],
    origin: [undefined, null, stranger.publicKey],
    message: [undefined],
    ts: [undefined, null, '1', 1e308, -1, 1.5, Number.NaN, 8.64e15 + 1, [1]],
    ttl: [undefined, null, '3', -1, 0.5, Number.NaN],
    sig: [1, {}, text],
    relayedBy: ['', 1, {}, text]
  }
  for (const [field, values] of Object.entries(wrong)) {
    for (const value of values)
      t.is(shape({ ...good, [field]: value }), null, `${field} ${String(value).slice(0, 9)}`)
  }
  for (const value of [
    null,
    undefined,
    1,
    'x',
    true,
    [],
    [good],
    {},
    JSON.parse('{"__proto__":{"type":"sidechannel"}}')
  ])
    t.is(shape(value), null)
})

test('only known fields stay, and null counts as absent', (t) => {
  const good = signed()
  const more = { ...good, extra: 1, pow: null, invite: null, relayedBy: null, verified: true }
  t.alike(shape(more), good)
  t.alike(shape(JSON.parse(`${JSON.stringify(good).slice(0, -1)},"__proto__":{"ttl":99},"ttl":2}`)), {
    ...good,
    ttl: 2
  })
  const { sig: _, ...unsigned } = good
  t.alike(shape({ ...good, sig: null }), unsigned)
})

test('any JSON value is a shape or is not, without a throw', (t) => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.constantFrom(...Object.keys(signed()), 'invite', 'pow', 'relayedBy'),
      (value, field) => {
        const result = shape({ ...signed(), [field]: value })
        return shape(value) === null && (result === null || result.from === owner.publicKey)
      }
    )
  )
  t.pass()
})

test('stale is too far from our clock, to either side', (t) => {
  t.absent(isStale(1000, 1600, 600))
  t.ok(isStale(1000, 1601, 600))
  t.absent(isStale(1600, 1000, 600))
  t.ok(isStale(1601, 1000, 600))
  t.absent(isStale(0, 1e15, 0))
})

test('when most neighbours look stale it is our clock, and that is said once', (t) => {
  const skew = new ClockSkew(600)
  t.is(skew.estimate(), null)
  skew.observe('a', 5000, 1000)
  skew.observe('b', 1100, 1000)
  t.alike(skew.estimate(), { offsetMs: 100, neighbours: 2, ours: false })
  t.is(skew.takeWarning(1000), null)
  skew.observe('c', 5200, 1000)
  t.alike(skew.takeWarning(1000), { offsetMs: 4000, neighbours: 3, ours: true })
  t.is(skew.takeWarning(1000), null)
  t.is(skew.takeWarning(9_000_000), null, 'one warning, for as long as it stays so')
  skew.forget('a')
  t.is(skew.takeWarning(1000), null)
  skew.observe('a', 5000, 1000)
  t.is(skew.takeWarning(1000 + 3_599_999), null, 'not before an hour is over')
  t.ok(skew.takeWarning(1000 + 3_600_000), 'again, after it was right for a while')
  for (let n = 0; n < 1000; n++) skew.observe(`n${n}`, 1000, 1000)
  t.is(skew.estimate()?.neighbours, 256)
})

test('one clock says nothing, two only when they agree', (t) => {
  const skew = new ClockSkew(600)
  skew.observe('a', 5000, 1000)
  t.is(skew.takeWarning(1000), null)
  t.is(skew.estimate()?.ours, false)
  skew.observe('b', 1000, 1000)
  t.is(skew.takeWarning(1000), null)
  skew.observe('b', 5000, 1000)
  t.is(skew.takeWarning(1000)?.neighbours, 2)
})

test('what is not proven cannot make a proven message look like a duplicate', (t) => {
  const seen = new SeenSet({ windowMs: 1000 })
  const message = signed()
  const { ts } = message
  remember(seen, message, 'none', ts)
  t.ok(isDuplicate(seen, message, 'none', ts))
  t.absent(isDuplicate(seen, message, 'signed', ts))
  remember(seen, message, 'direct', ts)
  t.ok(isDuplicate(seen, message, 'signed', ts))
  t.absent(isDuplicate(seen, signed({ id: message.id }, stranger), 'signed', ts), "another author's id")
})

test('who is the author', (t) => {
  const message = signed()
  const forged = { ...message, message: 'other' }
  const relayed = { ...message, relayedBy: stranger.publicKey }
  t.is(proofOf(message, owner.publicKey), 'direct')
  t.is(proofOf(forged, owner.publicKey), 'direct', 'costs no check')
  t.is(proofOf(message, stranger.publicKey), 'signed')
  t.is(proofOf(relayed, stranger.publicKey), 'signed')
  t.is(proofOf(relayed, owner.publicKey), 'signed')
  t.is(proofOf(forged, stranger.publicKey), 'none')
  t.is(
    proofOf({ ...forged, relayedBy: stranger.publicKey }, owner.publicKey),
    'none',
    'not by its own connection'
  )
  t.absent(isDirect(relayed, owner.publicKey))
  const { sig: _, ...unsigned } = message
  t.is(proofOf(unsigned, stranger.publicKey), 'none')
})

test('a relayed copy is what a deployed relay makes of it', (t) => {
  const { signed_payload_with_pow: first, relayed_copy: copy } = captures()
  const rules = { relay: true, ttl: 3, self: copy.payload.relayedBy as typeof owner.publicKey }
  t.alike(relayCopy(first.payload, 'direct', rules), copy.payload)
  t.is(JSON.stringify(relayCopy(first.payload, 'direct', rules)), JSON.stringify(copy.payload))
})

test('what is relayed and what is not', (t) => {
  const rules = { relay: true, ttl: 3, self: stranger.publicKey }
  const message = signed()
  t.is(relayCopy(message, 'signed', rules)?.ttl, 2)
  t.is(relayCopy({ ...message, ttl: 1 }, 'signed', rules)?.ttl, 0)
  t.is(relayCopy({ ...message, ttl: 0 }, 'signed', rules), null)
  t.is(relayCopy({ ...message, ttl: 1e300 }, 'signed', rules)?.ttl, 2, 'clamped to ours')
  t.is(relayCopy(message, 'signed', { ...rules, ttl: 0 }), null)
  t.is(relayCopy(message, 'signed', { ...rules, relay: false }), null)
  t.is(relayCopy(message, 'none', rules), null)
  const padded = { nonce: 7, difficulty: 'x'.repeat(1000), more: [1] } as unknown as Pow
  t.alike(relayCopy({ ...message, pow: padded }, 'signed', rules)?.pow, { nonce: 7 } as Pow)
  t.absent('pow' in (relayCopy(message, 'signed', rules) ?? {}))
  t.is(relayCopy({ ...message, message: 'forged' }, 'direct', rules), null, 'others would drop it')
  for (const { payload } of vectors().messages) {
    const control = (payload.message as { control?: string }).control
    const kept = control === 'auth' || control === 'welcome'
    t.is(relayCopy(payload, 'direct', rules) === null, kept, control ?? 'payload')
  }
  t.absent(shouldRelayTo(owner.publicKey, message, stranger.publicKey), 'not to its author')
  t.absent(shouldRelayTo(stranger.publicKey, message, stranger.publicKey), 'not back')
  t.ok(shouldRelayTo(invitee.publicKey, message, stranger.publicKey))
})

test('controls', (t) => {
  const of = (message: unknown) => controlOf(signed({ message }))
  t.alike(of({ control: 'auth', invite: 1 }), { control: 'auth', invite: 1 })
  t.alike(of({ control: 'welcome', welcome: 1 }), { control: 'welcome', welcome: 1 })
  t.alike(of({ control: 'open_channel', channel: ' a ', welcome: 1 }), {
    control: 'open_channel',
    channel: 'a',
    invite: undefined,
    welcome: 1
  })
  t.alike(of({ control: 'open_channel', channel: '\n' })?.control, 'open_channel')
  for (const ordinary of [
    null,
    1,
    'auth',
    [],
    ['auth'],
    {},
    { control: 'pause' },
    { control: {} },
    { control: ['auth'] }
  ])
    t.is(of(ordinary), null)
  t.ok(isHandshake(of({ control: 'auth' })) && isHandshake(of({ control: 'welcome' })))
  t.absent(isHandshake(of({ control: 'open_channel', channel: 'a' })))
  t.absent(isHandshake(null))
})
