import type { Histogram } from './cells.ts'

const INTERVAL_MS = 100
/** For how long the most of it is remembered, and how far back the lost share looks. */
const REMEMBER_S = 60
const RECENT_S = 10
// A machine that slept for an hour has not been late for it.
const MOST_MISSED = 600

interface Second {
  readonly second: number
  max: number
  sum: number
}

/** How late the event loop was, second by second for a minute. Pure; times in ms. */
export class LagRecord {
  readonly #histogram: Histogram
  readonly #seconds: Second[] = []

  constructor(histogram: Histogram) {
    this.#histogram = histogram
  }

  /**
   * What would have been due meanwhile was late too; otherwise a stall of seconds would be one sample among
   * thousands.
   */
  add(lateMs: number, now: number): void {
    const missed = Math.min(MOST_MISSED, Math.floor(lateMs / INTERVAL_MS))
    for (let i = 0; i <= missed; i++) this.#histogram.observe((lateMs - i * INTERVAL_MS) / 1000)
    const second = Math.floor(now / 1000)
    let last = this.#seconds.at(-1)
    if (last?.second !== second) {
      last = { second, max: 0, sum: 0 }
      this.#seconds.push(last)
      if (this.#seconds.length > REMEMBER_S) this.#seconds.shift()
    }
    last.max = Math.max(last.max, lateMs)
    last.sum += lateMs
  }

  /** How many seconds it remembers. */
  get size(): number {
    return this.#seconds.length
  }

  /** The most within the last minute. */
  maxSeconds(now: number): number {
    return this.#since(now, REMEMBER_S).reduce((most, { max }) => Math.max(most, max), 0) / 1000
  }

  /** Which part of the last ten seconds was lost. */
  lostShare(now: number): number {
    const lost = this.#since(now, RECENT_S).reduce((total, { sum }) => total + sum, 0)
    return Math.min(1, lost / 1000 / RECENT_S)
  }

  #since(now: number, seconds: number): Second[] {
    const from = Math.floor(now / 1000) - seconds
    return this.#seconds.filter(({ second }) => second > from)
  }
}

/** Keeps such a record by a timer that is due ten times a second, as long as it is watched. */
export class EventLoopLag {
  readonly #record: LagRecord
  readonly #monotonic: () => number
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(histogram: Histogram, monotonic: () => number) {
    this.#record = new LagRecord(histogram)
    this.#monotonic = monotonic
  }

  start(): void {
    if (this.#timer === null) this.#schedule()
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Null while nobody watches. */
  maxSeconds(): number | null {
    return this.#timer === null ? null : this.#record.maxSeconds(this.#monotonic())
  }

  lostShare(): number | null {
    return this.#timer === null ? null : this.#record.lostShare(this.#monotonic())
  }

  #schedule(): void {
    const due = this.#monotonic() + INTERVAL_MS
    this.#timer = setTimeout(() => {
      const now = this.#monotonic()
      this.#record.add(Math.max(0, now - due), now)
      this.#schedule()
    }, INTERVAL_MS)
    // It is not what the process lives for.
    this.#timer.unref()
  }
}
