import { TokenBucket } from '../../../src/base/bucket.ts'
import { Strikes } from './strikes.ts'

export interface RateLimits {
  /** Bytes per second; 0 turns the limits off. */
  readonly rate: number
  readonly burst: number
  readonly maxStrikes: number
}

/** A connection may carry this many times what one author may send (spec/sidechannel 2.11). */
const COARSE = 16
const MAX_AUTHORS = 1024
/** Malformed frames that are let pass; at one a second more are earned. */
const FREE_MALFORMED = 16

interface Author {
  readonly bucket: TokenBucket
  readonly strikes: Strikes
}

/**
 * The inbound limits of one connection, over all its channels: `blocked` and `rate` of spec/sidechannel 2.2.
 * What a neighbour wrote itself is charged to it, and costs it strikes; what it relays is charged to the
 * author, so that a relay is not blamed for others. Make one per connection.
 */
export class ConnectionRate {
  readonly #limits: RateLimits
  readonly #strikes: Strikes
  readonly #whole: TokenBucket
  readonly #own: TokenBucket
  readonly #malformed: TokenBucket
  /** The one whose last message is the longest ago first. */
  readonly #authors = new Map<string, Author>()

  constructor(limits: RateLimits, now: number) {
    this.#limits = limits
    this.#strikes = new Strikes(limits.maxStrikes)
    this.#whole = new TokenBucket(limits.rate * COARSE, limits.burst * COARSE, now)
    this.#own = new TokenBucket(limits.rate, limits.burst, now)
    this.#malformed = new TokenBucket(1, FREE_MALFORMED, now)
  }

  isBlocked(now: number): boolean {
    return this.#strikes.isBlocked(now)
  }

  /** Before parsing: the cap on everything that the connection carries, by length on the wire. */
  admitFrame(bytes: number, now: number): boolean {
    if (this.#limits.rate === 0 || this.#whole.take(bytes, now)) return true
    this.#strikes.strike(now)
    return false
  }

  /** After parsing, a message that the neighbour wrote itself. */
  admitOwn(bytes: number, now: number): boolean {
    if (this.#limits.rate === 0 || this.#own.take(bytes, now)) return true
    this.#strikes.strike(now)
    return false
  }

  /** After parsing, a message that says it is `author`'s. */
  admitRelayed(author: string, bytes: number, now: number): boolean {
    if (this.#limits.rate === 0) return true
    const entry = this.#authorOf(author, now)
    if (entry === null || entry.strikes.isBlocked(now)) return false
    if (entry.bucket.take(bytes, now)) return true
    entry.strikes.strike(now)
    return false
  }

  /** Honest neighbours send nothing malformed; a bug may, a few times (spec/sidechannel 2.3). */
  handleMalformed(now: number): void {
    if (!this.#malformed.take(1, now)) this.#strikes.strike(now)
  }

  #authorOf(author: string, now: number): Author | null {
    const known = this.#authors.get(author)
    if (known === undefined && this.#authors.size >= MAX_AUTHORS && !this.#makeRoom(now)) return null
    const entry = known ?? {
      bucket: new TokenBucket(this.#limits.rate, this.#limits.burst, now),
      strikes: new Strikes(this.#limits.maxStrikes)
    }
    this.#authors.delete(author)
    this.#authors.set(author, entry)
    return entry
  }

  /** Only a bucket that remembers nothing may go, or new names would be a way around the limit. */
  #makeRoom(now: number): boolean {
    for (const [author, entry] of this.#authors) {
      if (!entry.bucket.isFull(now) || !entry.strikes.isClean(now)) return false
      this.#authors.delete(author)
      return true
    }
    return false
  }
}
