import type { Hex32 } from '../../src/base/hex.ts'
import type { Neighbour as NetworkNeighbour } from '../../src/network/protocols.ts'
import { Outbox } from './outbox.ts'
import type { Neighbour } from './pipeline.ts'
import { ConnectionRate, type RateLimits } from './policy/rate.ts'

/** One connection, over all channels: what it may send us, and what waits for it. */
export interface Link extends Neighbour {
  readonly outbox: Outbox
}

/** The links to all neighbours, made when first needed. */
export class Links {
  readonly #limits: RateLimits
  readonly #now: () => number
  readonly #links = new Map<Hex32, Link>()

  constructor(limits: RateLimits, now: () => number) {
    this.#limits = limits
    this.#now = now
  }

  of({ key }: NetworkNeighbour): Link {
    const known = this.#links.get(key)
    if (known !== undefined) return known
    const { rate, burst } = this.#limits
    const link: Link = {
      key,
      rate: new ConnectionRate(this.#limits, this.#now()),
      outbox: new Outbox({ rate, burst, now: this.#now })
    }
    this.#links.set(key, link)
    return link
  }

  get(key: Hex32): Link | null {
    return this.#links.get(key) ?? null
  }

  get size(): number {
    return this.#links.size
  }

  close(key: Hex32): void {
    this.#links.get(key)?.outbox.close()
    this.#links.delete(key)
  }

  closeAll(): void {
    for (const key of [...this.#links.keys()]) this.close(key)
  }
}
