export interface SeenOptions {
  /** How long an id is remembered, ms. */
  readonly ttlMs: number
  /** Most ids kept of one author. */
  readonly maxPerAuthor?: number
  readonly maxAuthors?: number
  /** Most ids kept in all; above `maxAuthors`. */
  readonly maxTotal?: number
}

interface Author {
  /** In order of arrival, which is the order in which they expire. */
  readonly ids: Map<string, { readonly ts: number; readonly until: number }>
  /** Ids with a `ts` up to this one may have been forgotten early: all of them count as seen. */
  floor: number
  floorUntil: number
}

/**
 * Which ids of which author were seen in the last `ttlMs`. Bounded per author, in authors and in all, and
 * an author who fills its share loses its own oldest ids, nobody else's: those then count as seen by their
 * `ts`, so that forgetting them early lets no replay pass. Beyond `maxAuthors` the author who was silent
 * for longest is forgotten.
 *
 * Keep it free of what is not proven: `add` only after author and work were checked.
 */
export class SeenSet {
  readonly #ttlMs: number
  readonly #maxPerAuthor: number
  readonly #maxAuthors: number
  readonly #maxTotal: number
  /** The one who was silent for longest first. */
  readonly #authors = new Map<string, Author>()
  #size = 0

  constructor(options: SeenOptions) {
    this.#ttlMs = options.ttlMs
    this.#maxPerAuthor = Math.max(2, options.maxPerAuthor ?? 8192)
    this.#maxAuthors = options.maxAuthors ?? 16_384
    this.#maxTotal = Math.max(options.maxTotal ?? 131_072, this.#maxAuthors + 1)
  }

  get size(): number {
    return this.#size
  }

  get authors(): number {
    return this.#authors.size
  }

  has(author: string, id: string, ts: number, now: number): boolean {
    const entry = this.#authors.get(author)
    if (entry === undefined) return false
    if (ts <= entry.floor && now < entry.floorUntil) return true
    const seen = entry.ids.get(id)
    return seen !== undefined && now < seen.until
  }

  add(author: string, id: string, ts: number, now: number): void {
    const entry = this.#touch(author)
    this.#dropExpired(entry, now)
    if (entry.ids.size >= this.#maxPerAuthor) this.#halve(entry)
    if (!entry.ids.delete(id)) this.#size++
    entry.ids.set(id, { ts, until: now + this.#ttlMs })
    this.#dropSilent(now)
    if (this.#size > this.#maxTotal) this.#halve(this.#largest())
  }

  #touch(author: string): Author {
    const entry = this.#authors.get(author) ?? {
      ids: new Map(),
      floor: Number.NEGATIVE_INFINITY,
      floorUntil: 0
    }
    this.#authors.delete(author)
    this.#authors.set(author, entry)
    return entry
  }

  #dropExpired(entry: Author, now: number): void {
    for (const [id, seen] of entry.ids) {
      if (now < seen.until) break
      entry.ids.delete(id)
      this.#size--
    }
  }

  #dropSilent(now: number): void {
    for (const [author, entry] of this.#authors) {
      this.#dropExpired(entry, now)
      const idle = entry.ids.size === 0 && now >= entry.floorUntil
      if (!idle && this.#authors.size <= this.#maxAuthors) break
      this.#size -= entry.ids.size
      this.#authors.delete(author)
    }
  }

  /** Forgets at least half of an author's ids, those with the lowest `ts`, and notes up to where. */
  #halve(entry: Author): void {
    const times = [...entry.ids.values()].map((seen) => seen.ts).sort((a, b) => a - b)
    const newest = times[times.length - 1] as number
    const half = times.length >> 1
    let cut = times[half - 1] as number
    // More of the newest millisecond may be on their way, so the floor stays below it: of an author who
    // sends that many at a time the first to come are forgotten.
    const crowded = cut === newest
    if (crowded) cut = times.findLast((ts) => ts < newest) ?? entry.floor
    let arrived = 0
    for (const [id, seen] of entry.ids) {
      if (crowded ? arrived++ >= half : seen.ts > cut) continue
      entry.ids.delete(id)
      this.#size--
      entry.floorUntil = Math.max(entry.floorUntil, seen.until)
    }
    entry.floor = Math.max(entry.floor, cut)
  }

  #largest(): Author {
    let largest: Author | null = null
    for (const entry of this.#authors.values()) {
      if (largest === null || entry.ids.size > largest.ids.size) largest = entry
    }
    return largest as Author
  }
}
