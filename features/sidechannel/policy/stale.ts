/** `maxSkewMs` 0 turns it off (spec/sidechannel 2.4). */
export function isStale(ts: number, now: number, maxSkewMs: number): boolean {
  return maxSkewMs > 0 && Math.abs(ts - now) > maxSkewMs
}

export interface SkewEstimate {
  /** The median of what neighbours' clocks show more than ours, ms. */
  readonly offsetMs: number
  readonly neighbours: number
  /** Whether most neighbours look stale, which means that it is our clock. */
  readonly ours: boolean
}

const MAX_NEIGHBOURS = 256
/** Of one clock nobody knows whether it is wrong; of two only when both say so. */
const MAJORITY = 3
const REPEAT_MS = 3_600_000

/** What our neighbours' own messages say about our clock. One per node. */
export class ClockSkew {
  readonly #maxSkewMs: number
  readonly #offsets = new Map<string, number>()
  #stale = 0
  #armed = true
  #warnedAt = Number.NEGATIVE_INFINITY

  constructor(maxSkewMs: number) {
    this.#maxSkewMs = maxSkewMs
  }

  /** For a message that came from its author: a relayed one may have been on its way for long. */
  observe(neighbour: string, ts: number, now: number): void {
    this.forget(neighbour)
    this.#offsets.set(neighbour, ts - now)
    if (this.#isStale(ts - now)) this.#stale++
    if (this.#offsets.size <= MAX_NEIGHBOURS) return
    for (const oldest of this.#offsets.keys()) {
      this.forget(oldest)
      return
    }
  }

  forget(neighbour: string): void {
    const offset = this.#offsets.get(neighbour)
    if (offset !== undefined && this.#isStale(offset)) this.#stale--
    this.#offsets.delete(neighbour)
  }

  /** Null while nobody was heard. */
  estimate(): SkewEstimate | null {
    if (this.#offsets.size === 0) return null
    const offsets = [...this.#offsets.values()].sort((a, b) => a - b)
    const offsetMs = offsets[(offsets.length - 1) >> 1] as number
    return { offsetMs, neighbours: offsets.length, ours: this.#isOurs() }
  }

  /** The estimate when it turned against our clock: once, and again when it was right for a while, an hour later. */
  takeWarning(now: number): SkewEstimate | null {
    if (!this.#isOurs()) {
      this.#armed = true
      return null
    }
    // The clock may have been set, in either direction.
    if (!this.#armed || Math.abs(now - this.#warnedAt) < REPEAT_MS) return null
    this.#armed = false
    this.#warnedAt = now
    return this.estimate()
  }

  #isOurs(): boolean {
    const { size } = this.#offsets
    return size < MAJORITY ? size > 1 && this.#stale === size : this.#stale * 2 > size
  }

  #isStale(offset: number): boolean {
    return isStale(offset, 0, this.#maxSkewMs)
  }
}
