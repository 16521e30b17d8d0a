import {
  add,
  assemble,
  type Code,
  call,
  get,
  I32,
  int,
  lessThan,
  load,
  minus,
  plus,
  repeat,
  select,
  set,
  shiftLeft,
  shiftRight,
  store,
  V128,
  when,
  xor,
  zeroLanes
} from './wasm.ts'

// FIPS 180-4, 4.2.2.
const K = Uint32Array.of(
  ...[0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5],
  ...[0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174],
  ...[0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da],
  ...[0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967],
  ...[0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85],
  ...[0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070],
  ...[0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3],
  ...[0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2]
)

// Every 32-bit word of SHA-256 is held four times over, one lane for each of four messages: 16 bytes.
const WORD = 16
const LANES = 4
const TABLE = 64 * WORD
// Memory: the round constants, the state to start from, the state as it goes, then the blocks. A block is
// its message schedule (of which the first 16 words are the message) and the schedule with K added.
const K_AT = 0
const START_AT = TABLE
const STATE_AT = START_AT + 8 * WORD
const BLOCKS_AT = 2 * TABLE
const BLOCK = 2 * TABLE
const ROUND_AT = TABLE

/** Most bytes that can follow the state to start from, padding included. */
export const MAX_TAIL = 64 * (65_536 / BLOCK - 1)

function rotations(x: Code, ...bits: readonly number[]): Code[] {
  return bits.flatMap((n) => [shiftRight(x, int(n)), shiftLeft(x, 32 - n)])
}

/** expand(block): the schedule from its first 16 words, and the schedule with K added. */
function expand(): Code {
  const [block, i, w1, w14] = [0, 1, 2, 3]
  const at = plus(get(block), get(i))
  const schedule: Code[] = []
  const withK: Code[] = []
  for (let t = 0; t < 4; t++) {
    const sigma0 = xor(shiftRight(get(w1), int(3)), ...rotations(get(w1), 7, 18))
    const sigma1 = xor(shiftRight(get(w14), int(10)), ...rotations(get(w14), 17, 19))
    schedule.push(
      set(w1, load(at, (t + 1) * WORD)),
      set(w14, load(at, (t + 14) * WORD)),
      store(at, (t + 16) * WORD, add(load(at, t * WORD), sigma0, load(at, (t + 9) * WORD), sigma1))
    )
    withK.push(store(at, ROUND_AT + t * WORD, add(load(at, t * WORD), load(get(i), K_AT + t * WORD))))
  }
  const next = set(i, plus(get(i), int(4 * WORD)))
  return [
    ...set(i, int(0)),
    ...repeat([...schedule.flat(), ...next], lessThan(get(i), int(48 * WORD))),
    ...set(i, int(0)),
    ...repeat([...withK.flat(), ...next], lessThan(get(i), int(TABLE)))
  ]
}

/** compress(block): the 64 rounds over the state. */
function compress(): Code {
  const [block, i, sum] = [0, 1, 10]
  // Which local holds a, b, … h: the letters move by one each round, so the values need not.
  let letters = [2, 3, 4, 5, 6, 7, 8, 9]
  const at = plus(get(block), get(i))
  const rounds: Code[] = []
  for (let t = 0; t < 8; t++) {
    const [a, b, c, d, e, f, g, h] = letters as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number
    ]
    const [first, ...more] = rotations(get(e), 6, 11, 25) as [Code, ...Code[]]
    const choice = select(get(f), get(g), get(e))
    const [second, ...others] = rotations(get(a), 2, 13, 22) as [Code, ...Code[]]
    const majority = select(get(c), get(b), xor(get(a), get(b)))
    rounds.push(
      set(sum, add(get(h), load(at, ROUND_AT + t * WORD), xor(first, ...more), choice)),
      set(d, add(get(d), get(sum))),
      set(h, add(get(sum), xor(second, ...others), majority))
    )
    letters = [h, a, b, c, d, e, f, g]
  }
  const next = set(i, plus(get(i), int(8 * WORD)))
  const state = letters.map((local, n) => ({ local, at: STATE_AT + n * WORD }))
  return [
    ...state.flatMap((word) => set(word.local, load(int(0), word.at))),
    ...set(i, int(0)),
    ...repeat([...rounds.flat(), ...next], lessThan(get(i), int(TABLE))),
    ...state.flatMap((word) => store(int(0), word.at, add(load(int(0), word.at), get(word.local))))
  ]
}

/** hash(varying, blocks, shift): one bit per lane, whether the first word of its hash >>> shift is 0. */
function hash(): Code {
  const [varying, blocks, shift, block] = [0, 1, 2, 3]
  const copies = Array.from({ length: 8 }, (_, n) =>
    store(int(0), STATE_AT + n * WORD, load(int(0), START_AT + n * WORD))
  )
  const each = [
    ...when(lessThan(int(0), get(varying)), call(0, get(block))),
    ...call(1, get(block)),
    ...set(varying, minus(get(varying), int(1))),
    ...set(blocks, minus(get(blocks), int(1))),
    ...set(block, plus(get(block), int(BLOCK)))
  ]
  return [
    ...copies.flat(),
    ...set(block, int(BLOCKS_AT)),
    ...repeat(each, lessThan(int(0), get(blocks))),
    ...zeroLanes(shiftRight(load(int(0), STATE_AT), get(shift)))
  ]
}

function build(): Uint8Array<ArrayBuffer> {
  const vectors = (count: number) => [
    { type: I32, count: 1 },
    { type: V128, count }
  ]
  return assemble([
    { name: 'expand', params: 1, result: false, locals: vectors(2), body: expand() },
    { name: 'compress', params: 1, result: false, locals: vectors(9), body: compress() },
    { name: 'hash', params: 3, result: true, locals: [{ type: I32, count: 1 }], body: hash() }
  ])
}

/** What we use of the runtime's WebAssembly, which @types/node leaves to the browser's types. */
declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object) => { readonly exports: object }
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer }
  expand(block: number): void
  hash(varying: number, blocks: number, shift: number): number
}

/**
 * SHA-256 of four messages at a time that begin and end alike, in vector registers. Holds one message: the
 * caller loads its own whenever another may have been loaded since.
 */
export class Sha256x4 {
  readonly #exports: Exports
  readonly #words: Uint32Array
  readonly #bytes: Uint8Array
  #blocks = 0

  /** Null where the runtime has no WebAssembly, or none with vectors. */
  static create(): Sha256x4 | null {
    if (typeof WebAssembly === 'undefined') return null
    const bytes = build()
    return WebAssembly.validate(bytes) ? new Sha256x4(bytes) : null
  }

  private constructor(bytes: Uint8Array) {
    this.#exports = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports as Exports
    this.#words = new Uint32Array(this.#exports.memory.buffer)
    this.#bytes = new Uint8Array(this.#exports.memory.buffer)
    for (const [n, word] of K.entries()) this.#fill(K_AT + n * WORD, word)
  }

  /**
   * `state` is that after `before` bytes, a multiple of 64; `tail` is the rest of the message, at most
   * `MAX_TAIL` with its padding. All four lanes get the same tail.
   */
  load(state: Uint32Array, before: number, tail: Uint8Array): void {
    for (const [n, word] of state.entries()) this.#fill(START_AT + n * WORD, word)
    this.#blocks = Math.ceil((tail.byteLength + 9) / 64)
    const padded = new DataView(new ArrayBuffer(this.#blocks * 64))
    new Uint8Array(padded.buffer).set(tail)
    padded.setUint8(tail.byteLength, 0x80)
    padded.setBigUint64(padded.byteLength - 8, BigInt(before + tail.byteLength) * 8n)
    for (let n = 0; n < this.#blocks; n++) {
      const block = BLOCKS_AT + n * BLOCK
      for (let t = 0; t < 16; t++) this.#fill(block + t * WORD, padded.getUint32(n * 64 + t * 4))
      this.#exports.expand(block)
    }
  }

  /** Changes one byte of the tail in one lane. */
  setByte(lane: number, at: number, byte: number): void {
    const word = BLOCKS_AT + (at >> 6) * BLOCK + ((at & 63) >> 2) * WORD
    // Words are big-endian in the message and little-endian in memory.
    this.#bytes[word + lane * 4 + (3 - (at & 3))] = byte
  }

  /**
   * One bit per lane, lowest first: whether its hash begins with `bits` (1-32) zero bits. Of the tail's
   * 64-byte blocks, only the first `varying` may have been changed since it was loaded.
   */
  zeros(varying: number, bits: number): number {
    return this.#exports.hash(varying, this.#blocks, 32 - bits)
  }

  #fill(at: number, word: number): void {
    this.#words.fill(word, at >> 2, (at >> 2) + LANES)
  }
}
