import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import sodium from 'sodium-universal'
import { composeMessage } from '../../../features/sidechannel/compose.ts'
import { checkShape } from '../../../features/sidechannel/policy/shape.ts'
import { checkPow } from '../../../features/sidechannel/pow.ts'
import {
  decodeMessage,
  encodeMessage,
  jsonBytes,
  randomText,
  signatureText,
  signMessage,
  toJsonValue,
  verifyMessage
} from '../../../features/sidechannel/wire.ts'
import { capturedMessages, frameOf, nested, owner, signed, stranger, vectors } from './helpers.ts'

test('the bytes on the wire are those of the vectors', (t) => {
  for (const { payload, wire } of vectors().messages) {
    t.is(b4a.toString(encodeMessage(payload), 'hex'), wire)
    t.alike(decodeMessage(b4a.from(wire, 'hex')), payload)
    t.is(jsonBytes(b4a.from(wire, 'hex')), b4a.byteLength(JSON.stringify(payload)))
  }
})

test('signatures of the vectors and of deployed peers verify', (t) => {
  const all = vectors()
  for (const { payload, sigPreimage } of all.messages) {
    t.is(signatureText(payload), sigPreimage)
    t.ok(verifyMessage(payload))
    const { channel, message, ts, ttl, id } = payload
    if (payload.from !== owner.publicKey) continue
    const again = signMessage(
      { channel, message, ts, ttl },
      owner,
      undefined,
      () => id.split(':')[2] as string
    )
    t.is(again.sig, payload.sig)
    t.is(again.id, id)
  }
  t.ok(verifyMessage(all.relayed))
  for (const [name, { payload }] of capturedMessages()) t.ok(verifyMessage(payload), name)
})

test('a change to anything that is signed breaks the signature, a change to the rest does not', (t) => {
  const message = signed({ message: { a: [1, 2] } })
  const changes = { id: 'x', channel: 'other', origin: stranger.publicKey, message: { a: [2, 1] }, ts: 1 }
  for (const [field, value] of Object.entries(changes))
    t.absent(verifyMessage({ ...message, [field]: value }), field)
  t.absent(verifyMessage({ ...message, from: stranger.publicKey }))
  const relayed = { ...message, ttl: 9, relayedBy: stranger.publicKey, pow: { nonce: 1, difficulty: 1 } }
  t.ok(verifyMessage(relayed))
})

test('what was signed or verified before leaves nothing behind', (t) => {
  const large = signed({ message: 'ß'.repeat(40_000) })
  const middle = signed({ message: 'é'.repeat(20_000) }, stranger)
  const small = signed({ message: 'x' })
  for (const message of [small, large, middle, small, middle, large, small]) {
    t.ok(verifyMessage(message))
    const { sig: good = '' } = message
    t.absent(verifyMessage({ ...message, sig: `${good.slice(0, -1)}${good.endsWith('0') ? 1 : 0}` }))
    t.absent(verifyMessage({ ...message, message: `${message.message}x` }))
    const text = b4a.from(signatureText(message) as string)
    const [sig, key] = [b4a.from(good, 'hex'), b4a.from(message.from, 'hex')]
    t.ok(sodium.crypto_sign_verify_detached(sig, text, key), 'with nothing of ours')
  }
})

test('a message goes out as its author wrote it, and verifies', async (t) => {
  const values = [
    'ß"\ud800',
    7,
    null,
    [],
    { b: 1, a: [{ z: 1, 10: 2, 9: 3 }] },
    { ['__proto__']: 1 },
    { ü: 'é' }
  ]
  for (const message of values) {
    const more = { channel: 'räume', message, ts: 5, ttl: 3, signer: owner, powBits: 4, maxBytes: 10_000 }
    const composed = await composeMessage({ ...more, yieldNow: () => Promise.resolve() })
    if (!composed?.ok) throw new Error('not composed')
    t.alike(composed.frame, encodeMessage(composed.message))
    const arrived = checkShape(decodeMessage(composed.frame))
    t.is(JSON.stringify(arrived?.message), JSON.stringify(message))
    t.ok(arrived && verifyMessage(arrived) && checkPow(arrived, 4))
  }
})

test('malformed keys and signatures are invalid, not a fault', (t) => {
  const message = signed()
  for (const sig of [undefined, null, 1, '', 'zz', 'a'.repeat(127), 'g'.repeat(128), '0'.repeat(128), {}, []])
    t.absent(verifyMessage({ ...message, sig }))
  for (const from of ['', 'zz', 'A'.repeat(64), '0'.repeat(64), 'f'.repeat(64), 'a'.repeat(1_000_000)])
    t.absent(verifyMessage({ ...message, from: from as typeof message.from }))
})

test('messages of every size survive the wire', (t) => {
  for (const size of [0, 1, 200, 252, 253, 254, 65_000, 65_535, 65_536, 900_000]) {
    const message = signed({ message: 'x'.repeat(size) })
    t.alike(checkShape(decodeMessage(encodeMessage(message))), message)
  }
  t.alike(decodeMessage(frameOf('1')), 1)
  t.alike(decodeMessage(frameOf('x'.repeat(0xfc).replace(/^x/, '"').replace(/x$/, '"'))), 'x'.repeat(0xfa))
})

test('a frame that is not one JSON value is null', (t) => {
  const good = encodeMessage(signed())
  const bad = [
    b4a.alloc(0),
    b4a.from([0]),
    b4a.from([0xfd]),
    b4a.from([0xfe, 1]),
    b4a.from([0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0x31]),
    // Not the shortest prefix, which nobody writes.
    b4a.from([0xfd, 1, 0, 0x31]),
    good.subarray(0, good.byteLength - 1),
    b4a.concat([good, b4a.from('x')]),
    frameOf('{'),
    frameOf('undefined'),
    frameOf(nested(66)),
    frameOf(nested(10_000)),
    frameOf('['.repeat(10_000)),
    frameOf(nested(10_000, '{"a":', '}').replace(':}', ':1}'))
  ]
  for (const [i, frame] of bad.entries()) t.is(decodeMessage(frame), null, String(i))
  t.ok(decodeMessage(frameOf(nested(65))) !== null)
})

test('random bytes never throw', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      checkShape(decodeMessage(bytes))
      return jsonBytes(bytes) <= bytes.byteLength
    })
  )
  fc.assert(fc.property(fc.json(), (json) => decodeMessage(frameOf(json)) !== undefined))
  t.pass()
})

test('a value is taken as it will arrive, or not at all', (t) => {
  t.alike(toJsonValue({ a: undefined, b: new Date(0), c: Number.NaN }), {
    value: { b: '1970-01-01T00:00:00.000Z', c: null },
    text: '{"b":"1970-01-01T00:00:00.000Z","c":null}'
  })
  t.alike(toJsonValue(null), { value: null, text: 'null' })
  t.alike(toJsonValue('\ud800"'), { value: '\ud800"', text: '"\\ud800\\""' })
  const cyclic: unknown[] = []
  cyclic.push(cyclic)
  const hostile = {
    toJSON() {
      throw new Error('no')
    }
  }
  for (const bad of [undefined, () => {}, Symbol('x'), 1n, [1n], cyclic, hostile])
    t.is(toJsonValue(bad), null)
  for (const [depth, ok] of [
    [64, true],
    [65, false],
    [10_000, false]
  ] as const)
    t.is(toJsonValue(JSON.parse(nested(depth))) !== null, ok, String(depth))
})

test('ids are the author, the time and something nobody can guess', (t) => {
  const { id } = signMessage({ channel: 'room', message: null, ts: 5, ttl: 3 }, owner)
  t.ok(new RegExp(`^${owner.publicKey}:5:[0-9a-f]{16}$`).test(id))
  t.is(new Set(Array.from({ length: 1000 }, randomText)).size, 1000)
})
