export type EndReason = 'evicted' | 'expired'

export interface PendingOptions {
  readonly max: number
  readonly timeMs: number
  /** A whole number from 0 to below `count`, that nobody can foresee. */
  readonly random: (count: number) => number
}

export interface PendingPlace {
  /** It waits for nothing but its token now. */
  upgraded(): void
  /** Gives the place up, once: false when the connection was ended before. */
  release(): boolean
}

interface Place {
  readonly address: string
  readonly deadline: number
  readonly onend: (reason: EndReason) => void
  upgraded: boolean
}

/**
 * Connections that have not authenticated yet. There are at most `max`; one more takes the place of another,
 * so that nobody keeps others out by holding them all. Each has `timeMs`. It has no clock of its own: `now`
 * is in milliseconds, from a clock that never goes back.
 */
export class PendingSockets {
  readonly #options: PendingOptions
  /** In the order they came, which is the order of their deadlines. */
  readonly #places = new Set<Place>()

  constructor(options: PendingOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#places.size
  }

  /** `address`: of the other side. */
  add(address: string, now: number, onend: (reason: EndReason) => void): PendingPlace {
    const { max, timeMs } = this.#options
    while (this.#places.size >= max) this.#end(this.#victim(address), 'evicted')
    const place: Place = { address, deadline: now + timeMs, onend, upgraded: false }
    this.#places.add(place)
    return {
      upgraded: () => {
        place.upgraded = true
      },
      release: () => this.#places.delete(place)
    }
  }

  /** Ends those whose time is up. */
  expire(now: number): void {
    while (this.delay(now) === 0) this.#end(this.#places.values().next().value, 'expired')
  }

  /** Milliseconds until the next one's time is up; null when there is none. */
  delay(now: number): number | null {
    for (const { deadline } of this.#places) return Math.max(0, deadline - now)
    return null
  }

  /**
   * Whoever crowds the place pays for it: it is one of the address that holds most, the newcomer counted, and
   * of the more numerous there of those that are upgraded and those that are not. Were it always one that is
   * not, some upgraded ones that stay would leave no room to get that far. And nobody knows which: the
   * oldest would be whoever has a long way to us.
   */
  #victim(newcomer: string): Place | undefined {
    const held = new Map([[newcomer, 1]])
    for (const { address } of this.#places) held.set(address, (held.get(address) ?? 0) + 1)
    const most = Math.max(...held.values())
    const crowd = [...this.#places].filter(({ address }) => held.get(address) === most)
    const upgraded = crowd.filter((place) => place.upgraded)
    const others = crowd.filter((place) => !place.upgraded)
    const candidates = upgraded.length > others.length ? upgraded : others
    return candidates[this.#options.random(candidates.length)]
  }

  #end(place: Place | undefined, reason: EndReason): void {
    if (place === undefined) return
    this.#places.delete(place)
    place.onend(reason)
  }
}
