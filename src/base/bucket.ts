/**
 * A token bucket: `rate` tokens flow in per second, at most `burst` are kept, full at first. It has no
 * clock of its own: `now` is in milliseconds, from any clock that is the same at every call.
 */
export class TokenBucket {
  readonly rate: number
  readonly burst: number
  /** In thousandths: with whole rates and milliseconds nothing is ever rounded. */
  #tokens: number
  #at: number

  constructor(rate: number, burst: number, now: number) {
    this.rate = rate
    this.burst = burst
    this.#tokens = burst * 1000
    this.#at = now
  }

  /** Takes `cost` tokens, or none when there are not enough. A cost above `burst` is never met. */
  take(cost: number, now: number): boolean {
    this.#refill(now)
    if (cost * 1000 > this.#tokens) return false
    this.#tokens -= cost * 1000
    return true
  }

  /** Milliseconds until `take(cost)` would succeed: 0 when it would now, Infinity when it never will. */
  delay(cost: number, now: number): number {
    this.#refill(now)
    const missing = cost * 1000 - this.#tokens
    if (missing <= 0) return 0
    return cost > this.burst || this.rate <= 0 ? Number.POSITIVE_INFINITY : Math.ceil(missing / this.rate)
  }

  /** A full bucket remembers nothing: it may be thrown away and made anew. */
  isFull(now: number): boolean {
    this.#refill(now)
    return this.#tokens >= this.burst * 1000
  }

  #refill(now: number): void {
    // A clock set back gives nothing, and must not keep the bucket dry until it has caught up.
    if (now > this.#at)
      this.#tokens = Math.min(this.burst * 1000, this.#tokens + (now - this.#at) * this.rate)
    this.#at = now
  }
}
