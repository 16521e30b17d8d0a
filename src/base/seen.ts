import { type Fingerprint, Fingerprinter, FingerprintTable } from './fingerprints.ts'

export interface SeenOptions {
  /** What is further from our clock is refused beforehand; 0: nothing is. */
  readonly windowMs: number
  readonly maxBytes?: number
}

const MAX_BYTES = 64 * 1024 * 1024
/** To either side of our clock the window has so many slices; an hour without a window has eight. */
const SLICES = { window: 60, arrivals: 8 } as const
const SHORTEST_SLICE = 1000
const WITHOUT_WINDOW = 3_600_000
/** Clocks differ a little: so many slices ahead of ours count as present. */
const AHEAD = 3
/** What is dated further ahead may take this part of the memory, and so may one author. */
const SHARE = 1 / 4
/** Twelve in a table of which three in eight are in use. */
const BYTES_PER_ID = 32

/** Of an author beyond its share: these have to come in order of `ts`, and what is older counts as seen. */
interface Crowd {
  newest: number
  /** Those of the newest moment. */
  ids: Set<number>
}

const CROWD = { ids: 256, bytes: 16_384 } as const
const SLICE_BYTES = 512

interface Slice {
  readonly at: number
  /** Of ids, and of authors with the number of their ids. */
  readonly table: FingerprintTable
  readonly crowds: Map<string, Crowd>
  ids: number
}

/**
 * Which ids of which author were seen, for as long as their `ts` is within the window. Of what had to be
 * forgotten it knows the `ts`, so whoever asks both `isOutside` and `has` lets nothing pass twice.
 *
 * Ids are kept as fingerprints, in slices of time, in bounded memory. When it is full the oldest slice goes:
 * the window becomes shorter for everybody. What is dated ahead has a small share of its own, so no number of
 * keys can make it close on who is on time. One author cannot fill enough of it to matter.
 *
 * Without a window ids are kept by arrival for an hour, and then forgotten.
 *
 * Keep it free of what is not proven: `add` only after author and work were checked.
 */
export class SeenSet {
  readonly #windowMs: number
  readonly #sliceMs: number
  readonly #maxBytes: number
  readonly #maxPerAuthor: number
  readonly #fingerprinter = new Fingerprinter()
  readonly #slices = new Map<number, Slice>()
  /** The one asked for last. */
  #known: { author: string; id: string; fingerprint: Fingerprint } | null = null
  #floor = Number.NEGATIVE_INFINITY
  #present = Number.NaN
  #bytes = 0
  #aheadBytes = 0
  #size = 0

  constructor({ windowMs, maxBytes = MAX_BYTES }: SeenOptions) {
    this.#windowMs = windowMs
    this.#maxBytes = maxBytes
    const slices = windowMs > 0 ? 2 * SLICES.window : SLICES.arrivals
    this.#sliceMs =
      windowMs > 0
        ? Math.max(SHORTEST_SLICE, Math.ceil(windowMs / SLICES.window))
        : WITHOUT_WINDOW / SLICES.arrivals
    this.#maxPerAuthor = Math.max(1, Math.floor((maxBytes * SHARE) / (slices + 2) / BYTES_PER_ID))
  }

  /** The ids that are kept one by one. */
  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Whatever is older is outside. */
  get floor(): number {
    return this.#floor
  }

  forgetBefore(ts: number): void {
    this.#floor = Math.max(this.#floor, ts)
  }

  /** Of such a time nothing is remembered any more, or nothing more can be: refuse it, as `has` does not know. */
  isOutside(ts: number, now: number): boolean {
    this.#advance(now)
    if (this.#windowMs === 0) return false
    const index = this.#indexOf(ts)
    return ts < this.#floor || (this.#isAhead(index) && !this.#hasRoomAhead(index))
  }

  has(author: string, id: string, ts: number, now: number): boolean {
    this.#advance(now)
    const fingerprint = this.#fingerprintOf(author, id)
    if (this.#windowMs > 0) return isIn(this.#slices.get(this.#indexOf(ts)), author, fingerprint, ts)
    for (const slice of this.#slices.values()) if (isIn(slice, author, fingerprint, ts)) return true
    return false
  }

  add(author: string, id: string, ts: number, now: number): void {
    if (this.isOutside(ts, now) || this.has(author, id, ts, now)) return
    const fingerprint = this.#fingerprintOf(author, id)
    const slice = this.#sliceAt(this.#indexOf(this.#windowMs > 0 ? ts : now))
    const before = bytesOf(slice)
    if (slice.table.add(this.#fingerprinter.of(author)) <= this.#maxPerAuthor) {
      slice.table.add(fingerprint)
      slice.ids++
      this.#size++
    } else addToCrowd(slice, author, fingerprint, ts)
    this.#count(slice, bytesOf(slice) - before)
    while (this.#bytes > this.#maxBytes && this.#slices.size > 1)
      this.#drop(this.#slices.get(Math.min(...this.#slices.keys())) as Slice)
  }

  /** Once before the checks of a message and once after them. */
  #fingerprintOf(author: string, id: string): Fingerprint {
    if (this.#known?.author !== author || this.#known.id !== id)
      this.#known = { author, id, fingerprint: this.#fingerprinter.of(author, id) }
    return this.#known.fingerprint
  }

  #indexOf(time: number): number {
    return Math.floor(time / this.#sliceMs)
  }

  #isAhead(index: number): boolean {
    return this.#windowMs > 0 && index > this.#present + AHEAD
  }

  #hasRoomAhead(index: number): boolean {
    const slice = this.#slices.get(index)
    const more = slice === undefined ? SLICE_BYTES : slice.table.bytesWith(2) - slice.table.bytes
    return this.#aheadBytes + more + CROWD.bytes <= this.#maxBytes * SHARE
  }

  #sliceAt(at: number): Slice {
    const known = this.#slices.get(at)
    if (known !== undefined) return known
    const slice = { at, table: new FingerprintTable(), crowds: new Map(), ids: 0 }
    this.#slices.set(at, slice)
    this.#count(slice, bytesOf(slice))
    return slice
  }

  #count(slice: Slice, bytes: number): void {
    this.#bytes += bytes
    if (this.#isAhead(slice.at)) this.#aheadBytes += bytes
  }

  /** Once for every slice of time. */
  #advance(now: number): void {
    // Our clock was far ahead when the floor was set: kept, it would silence everybody until that time comes.
    if (this.#windowMs > 0 && this.#floor > now + this.#windowMs) this.#floor = now
    const present = this.#indexOf(now)
    if (present === this.#present) return
    this.#present = present
    const keep = this.#windowMs > 0 ? this.#windowMs : WITHOUT_WINDOW
    for (const slice of [...this.#slices.values()])
      if ((slice.at + 1) * this.#sliceMs + keep <= now) this.#drop(slice)
    this.#aheadBytes = 0
    for (const slice of this.#slices.values()) if (this.#isAhead(slice.at)) this.#aheadBytes += bytesOf(slice)
  }

  #drop(slice: Slice): void {
    this.#slices.delete(slice.at)
    this.#count(slice, -bytesOf(slice))
    this.#size -= slice.ids
    // Also where it is too old for the window: our clock may be set back.
    if (this.#windowMs > 0) this.forgetBefore((slice.at + 1) * this.#sliceMs)
  }
}

function bytesOf({ table, crowds }: Slice): number {
  return SLICE_BYTES + table.bytes + crowds.size * CROWD.bytes
}

function isIn(slice: Slice | undefined, author: string, fingerprint: Fingerprint, ts: number): boolean {
  if (slice === undefined) return false
  if (slice.table.count(fingerprint) > 0) return true
  const crowd = slice.crowds.size === 0 ? undefined : slice.crowds.get(author)
  if (crowd === undefined || ts > crowd.newest) return false
  return ts < crowd.newest || crowd.ids.size >= CROWD.ids || crowd.ids.has(numberOf(fingerprint))
}

function addToCrowd(slice: Slice, author: string, fingerprint: Fingerprint, ts: number): void {
  const crowd = slice.crowds.get(author) ?? { newest: Number.NEGATIVE_INFINITY, ids: new Set() }
  slice.crowds.set(author, crowd)
  if (ts > crowd.newest) {
    crowd.newest = ts
    crowd.ids = new Set()
  }
  crowd.ids.add(numberOf(fingerprint))
}

/** 53 of the bits. */
function numberOf({ low, high }: Fingerprint): number {
  return (high & 0x1fffff) * 0x1_0000_0000 + low
}
