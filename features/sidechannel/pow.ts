import b4a from 'b4a'
import sodium from 'sodium-universal'
import { MAX_TAIL, Sha256x4 } from './sha256x4.ts'
import { bodyText, envelopeText, type Signed, utf8 } from './wire.ts'

/** The text that is hashed (spec/sidechannel 1.4): prefix, the nonce in decimal, suffix. */
export interface PowPreimage {
  readonly prefix: Uint8Array
  readonly suffix: Uint8Array
}

/** Null when the message nests too deep. `body` is its `bodyText`, for who has it already. */
export function powPreimage(
  message: Signed,
  body: string | null = bodyText(message.message)
): PowPreimage | null {
  if (body === null) return null
  const [before, after] = envelopeText(message)
  return { prefix: utf8(`${before},"message":${body},"nonce":`), suffix: utf8(`,${after}`) }
}

export function powHash({ prefix, suffix }: PowPreimage, nonce: number): Uint8Array {
  const hash = b4a.alloc(32)
  sodium.crypto_hash_sha256(hash, b4a.concat([prefix, b4a.from(String(nonce)), suffix]))
  return hash
}

/** Total. `bits` is what we demand, whatever the message says. */
export function checkPow(message: Signed & { readonly pow?: unknown }, bits: number): boolean {
  if (bits <= 0) return true
  const nonce = (message.pow as { nonce?: unknown } | null | undefined)?.nonce
  if (typeof nonce !== 'number' || !Number.isSafeInteger(nonce) || nonce < 0) return false
  return hasWork(message, nonce, bits) || hasWork(asDeployedHashIt(message), nonce, bits)
}

function hasWork(message: Signed | null, nonce: number, bits: number): boolean {
  const preimage = message === null ? null : powPreimage(message)
  return preimage !== null && zeroBits(powHash(preimage, nonce)) >= bits
}

/** Deployed peers hash what they leave out of an `open_channel` as null (spec/sidechannel 1.8). */
function asDeployedHashIt(message: Signed): Signed | null {
  const body = message.message as Record<string, unknown> | null
  if (typeof body !== 'object' || body === null || body.control !== 'open_channel') return null
  if (body.invite !== undefined && body.welcome !== undefined) return null
  return { ...message, message: { ...body, invite: body.invite ?? null, welcome: body.welcome ?? null } }
}

export function zeroBits(hash: Uint8Array): number {
  const at = hash.findIndex((byte) => byte !== 0)
  return at === -1 ? hash.byteLength * 8 : at * 8 + Math.clz32(hash[at] as number) - 24
}

// 256 KiB take about a millisecond, which is as long as a slice should be.
const PREFIX_SLICE = 262_144
const HASHES_PER_SLICE = 4096
const LANES = 4
const DIGIT_0 = 0x30
// Where a nonce is a safe integer no more, no peer could check it.
const MAX_DIGITS = 15

/**
 * A search that is done in slices, so that whoever runs it can do other things in between: call `step`
 * until it returns the nonce, the lowest one that has the work. The first steps may only hash the prefix.
 */
export interface PowSearch {
  /** Hashes at most about `maxHashes` nonces; null when the nonce is still to be found. */
  step(maxHashes: number): number | null
}

/** `vectors` null searches with libsodium alone, as is done where there is no WebAssembly. */
export function createPowSearch(
  preimage: PowPreimage,
  bits: number,
  vectors: Sha256x4 | null = sharedVectors()
): PowSearch {
  const fast = preimage.suffix.byteLength + MAX_DIGITS + 64 + 9 <= MAX_TAIL ? vectors : null
  const prefix = new HashedPrefix(preimage.prefix)
  let next = 0
  return {
    step(maxHashes) {
      if (!prefix.update(PREFIX_SLICE)) return null
      if (bits <= 0) return 0
      const until = next + Math.max(LANES, maxHashes)
      while (next < until) {
        const digits = String(next).length
        if (digits > MAX_DIGITS) throw new RangeError('no nonce has that much work')
        const end = Math.min(until, 10 ** digits)
        const check = (nonce: number) => prefix.zeroBits(nonce, preimage.suffix) >= bits
        const found =
          fast === null
            ? searchOneByOne(next, end, check)
            : searchByFour(fast, { prefix, suffix: preimage.suffix, bits, from: next, end, digits, check })
        if (found !== null) return found
        next = end
      }
      return null
    }
  }
}

export interface SolveOptions {
  /** Lets others run: resolves in a later turn of the event loop. */
  readonly yieldNow: () => Promise<void>
  /** Asked between slices; once true the search ends with null. */
  readonly shouldStop?: () => boolean
  readonly meter?: WorkMeter
}

export interface WorkMeter {
  /** Milliseconds that never go back. */
  now(): number
  /** A nonce was found; what others did between the slices is not in it. */
  handleFound(ms: number, hashes: number): void
}

/** The nonce, found in slices of about a millisecond. */
export async function solvePow(
  preimage: PowPreimage,
  bits: number,
  options: SolveOptions
): Promise<number | null> {
  const search = createPowSearch(preimage, bits)
  const { meter } = options
  let spent = 0
  for (;;) {
    const since = meter?.now() ?? 0
    const nonce = search.step(HASHES_PER_SLICE)
    if (meter !== undefined) spent += meter.now() - since
    if (nonce !== null) {
      meter?.handleFound(spent, nonce + 1)
      return nonce
    }
    await options.yieldNow()
    if (options.shouldStop?.()) return null
  }
}

function searchOneByOne(from: number, end: number, check: (nonce: number) => boolean): number | null {
  for (let nonce = from; nonce < end; nonce++) if (check(nonce)) return nonce
  return null
}

interface Span {
  readonly prefix: HashedPrefix
  readonly suffix: Uint8Array
  readonly bits: number
  readonly from: number
  readonly end: number
  /** All nonces of a span have as many. */
  readonly digits: number
  readonly check: (nonce: number) => boolean
}

function searchByFour(fast: Sha256x4, span: Span): number | null {
  const { prefix, suffix, digits, from, end, check } = span
  const { rest } = prefix
  const zeros = b4a.alloc(digits, DIGIT_0)
  fast.load(prefix.state(), prefix.bytes - rest.byteLength, b4a.concat([rest, zeros, suffix]))
  const last = rest.byteLength + digits - 1
  const varying = (last >> 6) + 1
  for (let nonce = from; nonce < end; nonce += LANES) {
    for (let lane = 0; lane < LANES; lane++) {
      // Beyond the end it is nobody's nonce, and not asked about below.
      let value = nonce + lane
      for (let at = last; at >= rest.byteLength; at--) {
        const tens = Math.floor(value / 10)
        fast.setByte(lane, at, DIGIT_0 + value - tens * 10)
        value = tens
      }
    }
    const hits = fast.zeros(varying, Math.min(span.bits, 32))
    if (hits === 0) continue
    for (let lane = 0; lane < LANES && nonce + lane < end; lane++) {
      // Checked by the other implementation, which also knows of more than 32 bits.
      if ((hits >> lane) & 1 && check(nonce + lane)) return nonce + lane
    }
  }
  return null
}

// Stateless between calls of `step`, so one for all searches of the process; made when first needed.
let shared: Sha256x4 | null | undefined

function sharedVectors(): Sha256x4 | null {
  if (shared === undefined) {
    const vectors = Sha256x4.create()
    shared = vectors !== null && agrees(vectors) ? vectors : null
  }
  return shared
}

/** A kernel that is wrong would search for ever. It takes its start from inside libsodium's state. */
function agrees(vectors: Sha256x4): boolean {
  const sample = { prefix: b4a.alloc(100, 1), suffix: b4a.alloc(100, 2) }
  const [bits, hashes] = [6, 4096]
  const found = createPowSearch(sample, bits, vectors).step(hashes)
  return found !== null && found === createPowSearch(sample, bits, null).step(hashes)
}

/** The SHA-256 state over the constant part, made in slices, then finished for any number of nonces. */
class HashedPrefix {
  readonly bytes: number
  /** What is left over behind the last whole block. */
  readonly rest: Uint8Array
  readonly #whole: Uint8Array
  readonly #state = b4a.alloc(sodium.crypto_hash_sha256_STATEBYTES)
  readonly #scratch = b4a.alloc(sodium.crypto_hash_sha256_STATEBYTES)
  readonly #hash = b4a.alloc(32)
  #done = 0

  constructor(prefix: Uint8Array) {
    const whole = prefix.byteLength - (prefix.byteLength % 64)
    this.bytes = prefix.byteLength
    this.rest = prefix.subarray(whole)
    this.#whole = prefix.subarray(0, whole)
    sodium.crypto_hash_sha256_init(this.#state)
  }

  /** Hashes up to `most` bytes more; true when all of it is hashed. */
  update(most: number): boolean {
    if (this.#done === this.#whole.byteLength) return true
    const slice = this.#whole.subarray(this.#done, this.#done + most)
    sodium.crypto_hash_sha256_update(this.#state, slice)
    this.#done += slice.byteLength
    return this.#done === this.#whole.byteLength
  }

  zeroBits(nonce: number, suffix: Uint8Array): number {
    this.#scratch.set(this.#state)
    const tail = b4a.concat([this.rest, b4a.from(String(nonce)), suffix])
    sodium.crypto_hash_sha256_update(this.#scratch, tail)
    sodium.crypto_hash_sha256_final(this.#scratch, this.#hash)
    return zeroBits(this.#hash)
  }

  /** The eight words that libsodium's public `crypto_hash_sha256_state` begins with. */
  state(): Uint32Array {
    return new Uint32Array(this.#state.buffer.slice(this.#state.byteOffset, this.#state.byteOffset + 32))
  }
}
