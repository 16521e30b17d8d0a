import type { Hex32 } from '../../src/base/hex.ts'
import type { Neighbour as NetworkNeighbour } from '../../src/network/protocols.ts'
import { Outbox } from './outbox.ts'
import type { Neighbour } from './pipeline.ts'
import { ConnectionRate, type RateLimits } from './policy/rate.ts'

/** One connection, over all channels: what it may send us, and what waits for it. */
export interface Link extends Neighbour {
  readonly outbox: Outbox
  /** How many of its messages were dropped. */
  drops: number
}

/**
 * The links to all neighbours, made when first needed. Of one peer there may be two for a moment, when a new
 * connection takes the place of an old one.
 */
export class Links {
  readonly #limits: RateLimits
  readonly #now: () => number
  readonly #links = new Map<NetworkNeighbour, Link>()

  constructor(limits: RateLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  /** Only for a neighbour with an open session: what is made for one that is gone would stay. */
  of(neighbour: NetworkNeighbour): Link {
    const known = this.#links.get(neighbour)
    if (known !== undefined) return known
    const { rate, burst } = this.#limits
    const link: Link = {
      key: neighbour.key,
      rate: new ConnectionRate(this.#limits, this.#now()),
      outbox: new Outbox({ rate, burst, now: this.#now }),
      drops: 0
    }
    this.#links.set(neighbour, link)
    return link
  }

  /** The newest one. */
  get(key: Hex32): Link | null {
    return [...this.#links.values()].findLast((link) => link.key === key) ?? null
  }

  values(): IterableIterator<Link> {
    return this.#links.values()
  }

  get size(): number {
    return this.#links.size
  }

  close(neighbour: NetworkNeighbour): void {
    this.#links.get(neighbour)?.outbox.close()
    this.#links.delete(neighbour)
  }

  closeAll(): void {
    for (const neighbour of [...this.#links.keys()]) this.close(neighbour)
  }
}
