import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import { type Arrival, Pipeline } from '../../../features/sidechannel/pipeline.ts'
import type { ChannelPolicy } from '../../../features/sidechannel/policy/channel-policy.ts'
import { ConnectionRate } from '../../../features/sidechannel/policy/rate.ts'
import { relayCopy } from '../../../features/sidechannel/policy/relay.ts'
import { decodeMessage, encodeMessage } from '../../../features/sidechannel/wire.ts'
import { DropCounter, type DropReason } from '../../../src/base/reasons.ts'
import { frameOf, name, nested, openPolicy, owner, signed, signerOf, stranger, vectors } from './helpers.ts'

// spec/sidechannel 2.3: nothing that a neighbour sends can throw out of a handler.

const us = signerOf(4)
const now = 1_750_000_000_000
const STRICT = { inviteRequired: true, ownerWriteOnly: true, welcomeRequired: true, powBits: 2 }
const inviters = new Set([owner.publicKey])
const POLICIES: Partial<ChannelPolicy>[] = [
  {},
  { powBits: 2 },
  { inviteRequired: true, inviters },
  { ...STRICT, inviters, owner: owner.publicKey }
]

/** What becomes of a frame on channels of every kind, over the author's and over another's connection. */
function outcomes(frame: Uint8Array): Set<DropReason | 'accept'> {
  const found = new Set<DropReason | 'accept'>()
  for (const policy of POLICIES) {
    for (const key of [owner.publicKey, stranger.publicKey]) {
      const options = { self: us.publicKey, maxBytes: 64_000_000, maxSkewMs: 0, allowUnsigned: true }
      const pipeline = new Pipeline(options)
      const rate = new ConnectionRate({ rate: 0, burst: 1, maxStrikes: 0 }, now)
      const state = { drops: new DropCounter(), welcomed: true, invitedUntil: now + 1 }
      const channel = { policy: openPolicy({ channel: name('room'), ...policy }), ...state }
      const arrival: Arrival = { frame, channel, neighbour: { key, rate }, invitedUntil: 0, now }
      const verdict = pipeline.check(arrival)
      found.add(verdict.ok ? 'accept' : verdict.reason)
      if (!verdict.ok) continue
      // What was accepted can be passed on, shown and dated.
      relayCopy(verdict.message, verdict.proof, { relay: true, ttl: 3, self: us.publicKey })
      if (decodeMessage(encodeMessage(verdict.message)) === null) throw new Error('not to be encoded')
      new Date(verdict.message.ts).toISOString()
    }
  }
  return found
}

test('hostile values of every field', (t) => {
  const good = JSON.stringify(signed())
  const mb = 'a'.repeat(1_000_000)
  const values = [
    ...[
      'null',
      '1',
      '-1',
      '1e308',
      '-0',
      '1.5',
      '1e400',
      'true',
      '""',
      '"x"',
      '[]',
      '{}',
      '[null]',
      '{"nonce":1e308}'
    ],
    ...[
      `"${mb}"`,
      `"${'f'.repeat(64)}"`,
      '"\\ud800"',
      '"\\udc00\\ud800"',
      '"\\u0000"',
      '"\\u202e"',
      nested(60),
      nested(10_000)
    ],
    ...[
      nested(10_000, '{"a":[', ']}'),
      '['.repeat(10_000),
      '{"__proto__":null}',
      '{"__proto__":{"from":1},"constructor":1}'
    ],
    ...[
      '{"control":"auth"}',
      '{"control":"auth","invite":[]}',
      '{"control":"welcome","welcome":{"payload":null}}'
    ],
    ...[
      '{"control":"open_channel"}',
      `{"control":"open_channel","channel":"${mb}"}`,
      '{"control":{"toString":1}}'
    ],
    ...[
      '{"payload":{"channel":{}},"sig":1}',
      '{"toString":null,"valueOf":null,"toJSON":{},"then":1,"length":-1}'
    ]
  ]
  const fields = [
    ...Object.keys(signed()),
    'invite',
    'pow',
    'relayedBy',
    '__proto__',
    'constructor',
    'toJSON'
  ]
  for (const field of fields) {
    // The second of two equal keys counts.
    for (const value of values) outcomes(frameOf(`${good.slice(0, -1)},"${field}":${value}}`))
  }
  t.alike(outcomes(frameOf(good)), new Set(['accept', 'pow', 'uninvited']))
  t.alike(outcomes(frameOf(`${good.slice(0, -1)},"ts":1e308}`)), new Set(['shape']))
  t.alike(outcomes(frameOf(`${good.slice(0, -1)},"message":${nested(65)}}`)), new Set(['shape']))
  t.ok(outcomes(frameOf(`${good.slice(0, -1)},"message":${nested(64)}}`)).has('accept'))
  t.alike(outcomes(frameOf(`${good.slice(0, -1)},"from":"${mb}"}`)), new Set(['shape']))
})

test('frames that are no message at all', (t) => {
  const bare = ['null', '1', '"x"', 'true', '[]', '{}', '', '{', nested(10_000), nested(10_000, '{"a":', '}')]
  for (const json of bare) t.alike(outcomes(frameOf(json)), new Set(['shape']), json.slice(0, 9))
  for (const bytes of [
    [],
    [0],
    [0xfd],
    [0xfe, 1],
    [0xff],
    [5, 1],
    [0xff, 255, 255, 255, 255, 255, 255, 255, 255]
  ])
    t.alike(outcomes(b4a.from(bytes)), new Set(['shape']))
  const cut = encodeMessage(signed())
  for (let length = 0; length < cut.byteLength; length += 7) outcomes(cut.subarray(0, length))
})

test('random bytes, random JSON, and real messages with a byte changed', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => outcomes(bytes).size === 1))
  fc.assert(fc.property(fc.json(), (json) => outcomes(frameOf(json)).has('shape')))
  const key = fc.constantFrom(...Object.keys(signed()), 'invite', 'pow', 'relayedBy', '__proto__')
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue()), (fields) => {
      return outcomes(frameOf(JSON.stringify({ ...signed(), ...fields }))).size > 0
    })
  )
  const frames = vectors().messages.map(({ wire }) => b4a.from(wire, 'hex'))
  fc.assert(
    fc.property(fc.constantFrom(...frames), fc.nat(), fc.nat(255), (original, at, byte) => {
      const frame = b4a.from(original)
      frame[at % frame.byteLength] = byte
      return outcomes(frame).size > 0
    }),
    { numRuns: 300 }
  )
  t.pass()
})
