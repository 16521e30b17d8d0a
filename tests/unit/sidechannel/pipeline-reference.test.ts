import test from 'brittle'
import fc from 'fast-check'
import { createInvite } from '../../../features/sidechannel/grants.ts'
import { Pipeline } from '../../../features/sidechannel/pipeline.ts'
import { ConnectionRate } from '../../../features/sidechannel/policy/rate.ts'
import { signMessage } from '../../../features/sidechannel/wire.ts'
import { DROP_REASONS, DropCounter } from '../../../src/base/reasons.ts'
import { frameOf, invitee, name, openPolicy, owner, signerOf, stranger } from './helpers.ts'
import { createReference, naiveZeroBits, type World } from './reference.ts'

const us = signerOf(4)
const T0 = 1_750_000_000_000
const authors = [owner, invitee, stranger, us]
const invites = [T0 - 1, T0 + 50_000, T0 + 1e9].flatMap((expiresAt) =>
  [owner, stranger].map((inviter) => {
    const fields = { channel: name('room'), inviteePubKey: invitee.publicKey, inviterAddress: null }
    return createInvite({ ...fields, issuedAt: T0 - 1000, expiresAt, nonce: 'n' }, inviter)
  })
)

function rarely<T>(others: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: others, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
}

const step = fc.record({
  wait: fc.oneof({ weight: 30, arbitrary: fc.nat(100) }, { weight: 1, arbitrary: fc.nat(400_000) }),
  neighbour: fc.nat(2),
  author: fc.oneof({ weight: 2, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: fc.nat(3) }),
  relayed: fc.boolean(),
  id: fc.nat(2),
  replay: rarely(5, fc.integer({ min: 1, max: 4 })),
  ts: fc.oneof(
    { weight: 8, arbitrary: fc.nat(1) },
    { weight: 1, arbitrary: fc.constantFrom(-700_000, 700_000) }
  ),
  message: fc.constantFrom<unknown[]>(
    ...['a', { b: 1, a: [null] }, 'x'.repeat(700), 'x'.repeat(1200), null],
    ...[
      { control: 'auth' },
      { control: 'welcome' },
      { control: 'open_channel', channel: 'c', welcome: 1 },
      { control: 'x' }
    ]
  ),
  channel: fc.oneof(
    { weight: 15, arbitrary: fc.constant('room') },
    { weight: 1, arbitrary: fc.constant('other') }
  ),
  sig: fc.constantFrom('good', 'good', 'good', 'bad', 'none'),
  pow: fc.constantFrom('good', 'good', 'good', 'bad', 'none', 'deployed'),
  invite: rarely(1, fc.constantFrom(...invites)),
  raw: rarely(20, fc.constantFrom('{', 'null', '[]', '{"type":"sidechannel"}', '1'))
})
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

function jsonOf(given: Step, now: number): string {
  if (given.raw !== undefined) return given.raw
  const author = authors[given.author === -1 ? given.neighbour : given.author] as typeof owner
  const draft = { channel: given.channel, message: given.message, ts: now - (now % 5000) + given.ts, ttl: 3 }
  const { sig, ...message } = signMessage(draft, author, undefined, () => String(given.id))
  const signature = given.sig === 'none' ? {} : { sig: given.sig === 'good' ? sig : '0'.repeat(128) }
  const body = given.pow === 'deployed' ? { invite: null, ...(given.message as object) } : given.message
  let nonce = 0
  while (naiveZeroBits({ ...message, message: body }, nonce) >= 3 === (given.pow === 'bad')) nonce++
  return JSON.stringify({
    ...message,
    ...signature,
    ...(given.pow === 'none' ? {} : { pow: { nonce, difficulty: 3 } }),
    ...(given.invite === undefined ? {} : { invite: given.invite }),
    ...(given.relayed ? { relayedBy: stranger.publicKey } : {})
  })
}

const world = fc.record({
  inviteRequired: fc.boolean(),
  welcomeRequired: fc.boolean(),
  ownerWriteOnly: fc.boolean(),
  owner: fc.constantFrom(owner.publicKey, owner.publicKey, us.publicKey),
  powBits: fc.constantFrom(0, 3),
  welcomed: fc.boolean(),
  selfInvitedUntil: fc.constantFrom(0, T0 + 1e9),
  allowUnsigned: fc.boolean(),
  invitedUntil: fc.constantFrom(0, T0 + 1000, T0 + 1e9)
})

test('the pipeline decides as the specification read line by line', (t) => {
  const reached = new Set<string>()
  fc.assert(
    fc.property(world, fc.array(step, { minLength: 30, maxLength: 100 }), (given, steps) => {
      const { inviteRequired, welcomeRequired, ownerWriteOnly, powBits } = given
      const rules = { inviteRequired, welcomeRequired, ownerWriteOnly, powBits, owner: given.owner }
      const policy = openPolicy({ ...rules, inviters: new Set([owner.publicKey]) })
      const { welcomed, selfInvitedUntil, allowUnsigned } = given
      const limits = { maxBytes: 1500, maxSkewMs: 600_000, rate: 500, burst: 2000 }
      const described: World = {
        self: us.publicKey,
        policy,
        welcomed,
        selfInvitedUntil,
        allowUnsigned,
        ...limits
      }
      const reference = createReference(described)
      const pipeline = new Pipeline({ self: us.publicKey, allowUnsigned, ...limits })
      const drops = new DropCounter()
      const channel = { policy, drops, welcomed, invitedUntil: selfInvitedUntil }
      const neighbours = authors.slice(0, 3).map(({ publicKey: key }) => {
        return { key, rate: new ConnectionRate({ ...limits, maxStrikes: 3 }, T0) }
      })
      let now = T0
      let dropped = 0
      const sent: string[] = []
      for (const each of steps) {
        now += each.wait
        const neighbour = neighbours[each.neighbour] as (typeof neighbours)[number]
        const { invitedUntil } = given
        const json = sent[sent.length - (each.replay ?? 0)] ?? jsonOf(each, now)
        sent.push(json)
        const verdict = pipeline.check({ frame: frameOf(json), channel, neighbour, invitedUntil, now })
        const outcome = verdict.ok ? 'accept' : verdict.reason
        const expected = reference(json, neighbour.key, invitedUntil, now)
        reached.add(outcome)
        if (!verdict.ok) dropped++
        if (outcome !== expected || drops.total !== dropped)
          throw new Error(`${outcome}, not ${expected}: ${json}`)
      }
    }),
    { numRuns: 250 }
  )
  const all = ['accept', ...Object.keys(DROP_REASONS)].filter((reason) => reason !== 'queue')
  t.alike([...reached].sort(), all.sort(), 'every outcome was met')
})
