import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import sodium from 'sodium-universal'
import { composeMessage } from '../../../features/sidechannel/compose.ts'
import {
  checkPow,
  createPowSearch,
  powHash,
  powPreimage,
  solvePow,
  zeroBits
} from '../../../features/sidechannel/pow.ts'
import { Sha256x4 } from '../../../features/sidechannel/sha256x4.ts'
import { decodeMessage, verifyMessage } from '../../../features/sidechannel/wire.ts'
import { capturedMessages, captures, owner, preimageText, signed, vectors } from './helpers.ts'

const yieldNow = () => new Promise<void>((resolve) => setImmediate(resolve))

test('preimages and hashes are those of the vectors', (t) => {
  for (const { payload, powPreimage: text, powHash: hash } of vectors().messages) {
    const nonce = payload.pow?.nonce as number
    t.is(preimageText(payload, nonce), text)
    const preimage = powPreimage(payload)
    t.ok(preimage)
    if (preimage) t.is(b4a.toString(powHash(preimage, nonce), 'hex'), hash)
    t.ok(checkPow(payload, 12))
    // Their authors counted from 0 as well, so ours finds the same.
    if (preimage) t.is(run(preimage, 12), nonce)
  }
})

test('the work of deployed peers verifies, that of a bare open_channel included', (t) => {
  for (const [name, { payload }] of capturedMessages()) t.ok(checkPow(payload, 12), name)
  const { payload } = captures().open_channel_pub1
  const body = payload.message as Record<string, unknown>
  t.absent('invite' in body)
  // Only for open_channel, and only for what is absent.
  t.absent(checkPow({ ...payload, message: { ...body, control: 'other' } }, 12))
  t.absent(checkPow({ ...payload, message: { ...body, invite: 1 } }, 12))
})

test('our difficulty counts, not theirs; malformed work is none', (t) => {
  const { payload } = captures().signed_payload_with_pow
  t.absent(checkPow({ ...payload, pow: { nonce: 4642, difficulty: 12 } }, 12))
  t.ok(checkPow({ ...payload, pow: { nonce: 4643, difficulty: 0 } }, 12))
  t.absent(checkPow(payload, 40))
  for (const pow of [
    undefined,
    null,
    1,
    'x',
    [],
    {},
    { nonce: '4643' },
    { nonce: -1 },
    { nonce: 1.5 },
    { nonce: 1e300 }
  ]) {
    t.absent(checkPow({ ...payload, pow }, 12))
    t.ok(checkPow({ ...payload, pow }, 0))
  }
})

test('leading zero bits are counted', (t) => {
  const hash = (...bytes: number[]) => b4a.concat([b4a.from(bytes), b4a.alloc(32 - bytes.length, 0xff)])
  t.is(zeroBits(hash(0xff)), 0)
  t.is(zeroBits(hash(0x01)), 7)
  t.is(zeroBits(hash(0, 0x0f)), 12)
  t.is(zeroBits(b4a.alloc(32)), 256)
})

function run(
  preimage: { prefix: Uint8Array; suffix: Uint8Array },
  bits: number,
  vector?: null,
  hashes = 4096
): number {
  const search = createPowSearch(preimage, bits, vector)
  for (;;) {
    const nonce = search.step(hashes)
    if (nonce !== null) return nonce
  }
}

test('the search in vectors finds what a search one by one finds, wherever the nonce falls', (t) => {
  t.ok(Sha256x4.create(), 'this runtime has vectors')
  // Every position in a block, and suffixes that make every number of blocks.
  for (let length = 0; length < 130; length++) {
    const preimage = {
      prefix: b4a.alloc(length, 97 + (length % 7)),
      suffix: b4a.alloc((length * 37) % 400, 98)
    }
    const nonce = run(preimage, 7)
    if (nonce !== run(preimage, 7, null) || zeroBits(powHash(preimage, nonce)) < 7) t.fail(`length ${length}`)
  }
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }),
      fc.nat(400),
      (prefix, suffix, hashes) => {
        const nonce = run({ prefix, suffix }, 5, undefined, hashes)
        return nonce === run({ prefix, suffix }, 5, null)
      }
    ),
    { numRuns: 100 }
  )
})

test('the kernel computes SHA-256 in each of its lanes', (t) => {
  const kernel = Sha256x4.create()
  if (kernel === null) return t.fail('no vectors')
  const state = Uint32Array.of(
    ...[0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]
  )
  const hash = b4a.alloc(32)
  for (const length of [1, 54, 55, 56, 63, 64, 100, 119, 120, 200, 900]) {
    const tail = b4a.alloc(length, 7)
    kernel.load(state, 0, tail)
    for (const [at, lanes] of [
      [0, [1, 2, 3, 4]],
      [length - 1, [9, 8, 7, 6]]
    ] as const) {
      for (const [lane, byte] of lanes.entries()) kernel.setByte(lane, at, byte)
      for (let bits = 1; bits <= 6; bits++) {
        let expected = 0
        for (const [lane, byte] of lanes.entries()) {
          const message = b4a.from(tail)
          if (at > 0) message[0] = lane + 1
          message[at] = byte
          sodium.crypto_hash_sha256(hash, message)
          if (zeroBits(hash) >= bits) expected |= 1 << lane
        }
        t.is(kernel.zeros(Math.ceil(length / 64), bits), expected, `${length} bytes, ${bits} bits`)
      }
    }
  }
})

test('searches that take turns do not disturb each other', (t) => {
  const preimages = Array.from({ length: 5 }, (_, n) => ({
    prefix: b4a.alloc(70 + n, n),
    suffix: b4a.alloc(9)
  }))
  const searches = preimages.map((preimage) => createPowSearch(preimage, 9))
  const found = searches.map(() => null as number | null)
  while (found.includes(null)) for (const [n, search] of searches.entries()) found[n] ??= search.step(4)
  for (const [n, preimage] of preimages.entries()) t.is(found[n], run(preimage, 9, null))
})

test('more bits than the first word has', (t) => {
  const preimage = { prefix: b4a.alloc(10), suffix: b4a.alloc(10) }
  const search = createPowSearch(preimage, 40)
  t.is(search.step(100_000), null)
  t.is(createPowSearch(preimage, 0).step(1), 0)
})

test('a search can be given up', async (t) => {
  let turns = 0
  const preimage = powPreimage(signed())
  if (preimage === null) return t.fail('no preimage')
  const nonce = await solvePow(preimage, 256, { yieldNow, shouldStop: () => ++turns === 3 })
  t.is(nonce, null)
  t.is(turns, 3)
})

test('a large message is composed in short slices', async (t) => {
  const options = {
    channel: 'room',
    ts: 1_750_000_000_000,
    ttl: 3,
    signer: owner,
    powBits: 12,
    maxBytes: 1_000_000
  }
  let slices = 0
  const composed = await composeMessage({
    ...options,
    message: 'ä'.repeat(450_000),
    yieldNow() {
      slices++
      return yieldNow()
    }
  })
  if (!composed?.ok) return t.fail('not composed')
  t.ok(slices >= 6, `${slices} slices`)
  t.ok(verifyMessage(composed.message))
  t.ok(checkPow(composed.message, 12))
  t.is(composed.message.pow?.difficulty, 12)
  t.alike(decodeMessage(composed.frame), composed.message)

  t.alike(await composeMessage({ ...options, message: 'x'.repeat(1_000_000), powBits: 256, yieldNow }), {
    ok: false,
    reason: 'too_large'
  })
  t.alike(await composeMessage({ ...options, message: () => {}, yieldNow }), {
    ok: false,
    reason: 'unserialisable'
  })
  t.is(await composeMessage({ ...options, powBits: 256, message: 1, yieldNow, shouldStop: () => true }), null)
})

test('what goes on the wire is what was hashed, for an open_channel as well', async (t) => {
  const message = { control: 'open_channel', channel: 'pub1', invite: undefined, welcome: { a: 1 } }
  const options = {
    channel: 'room',
    ts: 1,
    ttl: 3,
    signer: owner,
    powBits: 8,
    maxBytes: 1000,
    yieldNow,
    message
  }
  const composed = await composeMessage(options)
  if (!composed?.ok) return t.fail('not composed')
  const preimage = powPreimage(composed.message)
  t.ok(preimage && zeroBits(powHash(preimage, composed.message.pow?.nonce as number)) >= 8)
  t.absent('invite' in (composed.message.message as object))
})
