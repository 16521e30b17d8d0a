import b4a from 'b4a'
import sodium from 'sodium-universal'

/** 64 bits that stand for a text. */
export interface Fingerprint {
  readonly low: number
  readonly high: number
}

// Stands between author and id: no text has it in UTF-8.
const BETWEEN = 0xff

/** Fingerprints under a key of its own: who does not know the key finds no two texts with the same one. */
export class Fingerprinter {
  readonly #key = b4a.alloc(16)
  readonly #out = new Uint8Array(8)
  readonly #words = new Uint32Array(this.#out.buffer)
  #input = b4a.alloc(1024)

  constructor() {
    sodium.randombytes_buf(this.#key)
  }

  of(author: string, id: string | null = null): Fingerprint {
    // Not more than three bytes for a unit of UTF-16.
    const most = 3 * (author.length + (id?.length ?? 0)) + 1
    if (most > this.#input.byteLength) this.#input = b4a.alloc(2 * most)
    let length = b4a.write(this.#input, author)
    if (id !== null) {
      this.#input[length++] = BETWEEN
      length += b4a.write(this.#input, id, length)
    }
    sodium.crypto_shorthash(this.#out, this.#input.subarray(0, length), this.#key)
    const [low = 0, high = 0] = this.#words
    return { low, high }
  }
}

const FIRST_PLACES = 16
/** Low, high, count. */
const WORDS = 3

/** Counts per fingerprint: twelve bytes a place and, once it has grown, at least three in eight in use. */
export class FingerprintTable {
  #words = new Uint32Array(FIRST_PLACES * WORDS)
  #used = 0

  get size(): number {
    return this.#used
  }

  get bytes(): number {
    return this.#words.byteLength
  }

  /** What it takes once so many more are in. */
  bytesWith(more: number): number {
    let places = this.#words.length / WORDS
    while (isFull(this.#used + more, places)) places *= 2
    return places * WORDS * Uint32Array.BYTES_PER_ELEMENT
  }

  count(fingerprint: Fingerprint): number {
    return this.#words[placeOf(this.#words, fingerprint) + 2] as number
  }

  /** How often it is in after that. */
  add(fingerprint: Fingerprint): number {
    let place = placeOf(this.#words, fingerprint)
    if (this.#words[place + 2] === 0) {
      if (this.bytesWith(1) > this.bytes) {
        this.#grow()
        place = placeOf(this.#words, fingerprint)
      }
      this.#used++
    }
    return put(this.#words, place, fingerprint, (this.#words[place + 2] as number) + 1)
  }

  #grow(): void {
    const before = this.#words
    const words = new Uint32Array(before.length * 2)
    for (let at = 0; at < before.length; at += WORDS) {
      const count = before[at + 2] as number
      if (count === 0) continue
      const fingerprint = { low: before[at] as number, high: before[at + 1] as number }
      put(words, placeOf(words, fingerprint), fingerprint, count)
    }
    this.#words = words
  }
}

function isFull(used: number, places: number): boolean {
  return used * 4 > places * 3
}

/** Where it is, or the free place where it belongs. */
function placeOf(words: Uint32Array, { low, high }: Fingerprint): number {
  const places = words.length / WORDS
  let place = low & (places - 1)
  while (true) {
    const at = place * WORDS
    if (words[at + 2] === 0 || (words[at] === low && words[at + 1] === high)) return at
    place = (place + 1) & (places - 1)
  }
}

function put(words: Uint32Array, at: number, { low, high }: Fingerprint, count: number): number {
  words[at] = low
  words[at + 1] = high
  words[at + 2] = count
  return count
}
