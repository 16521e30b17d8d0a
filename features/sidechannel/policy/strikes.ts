const WINDOW_MS = 5_000
const BLOCK_MS = 30_000

/** So many strikes within 5 s, and everything is dropped for 30 s (spec/sidechannel 1.7). 0: never. */
export class Strikes {
  readonly #most: number
  #recent: number[] = []
  #blockedUntil = Number.NEGATIVE_INFINITY

  constructor(most: number) {
    this.#most = most
  }

  isBlocked(now: number): boolean {
    // A clock that was set back must not make the block longer than it is.
    if (this.#blockedUntil - now > BLOCK_MS) this.#blockedUntil = now + BLOCK_MS
    return now < this.#blockedUntil
  }

  strike(now: number): void {
    if (this.#most === 0) return
    this.#recent = this.#recent.filter((at) => at > now - WINDOW_MS && at <= now)
    this.#recent.push(now)
    if (this.#recent.length < this.#most) return
    this.#recent = []
    this.#blockedUntil = now + BLOCK_MS
  }

  /** Nothing is held against them any more. */
  isClean(now: number): boolean {
    return !this.isBlocked(now) && this.#recent.every((at) => at <= now - WINDOW_MS)
  }
}
