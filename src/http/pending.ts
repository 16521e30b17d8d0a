export type EndReason = 'evicted' | 'expired'

interface Place {
  readonly deadline: number
  readonly onend: (reason: EndReason) => void
}

/**
 * Connections that have not authenticated yet. There are at most `max`; one more takes the place of the
 * oldest, so that nobody keeps others out by holding them all. Each has `timeMs`. It has no clock of its
 * own: `now` is in milliseconds, from a clock that never goes back.
 */
export class PendingSockets {
  readonly max: number
  readonly timeMs: number
  /** In the order they came, which is the order of their deadlines. */
  readonly #places = new Set<Place>()

  constructor(options: { max: number; timeMs: number }) {
    this.max = options.max
    this.timeMs = options.timeMs
  }

  get size(): number {
    return this.#places.size
  }

  /** What it returns gives the place up, once: false when the connection was ended before. */
  add(now: number, onend: (reason: EndReason) => void): () => boolean {
    while (this.#places.size >= this.max) this.#endOldest('evicted')
    const place: Place = { deadline: now + this.timeMs, onend }
    this.#places.add(place)
    return () => this.#places.delete(place)
  }

  /** Ends those whose time is up. */
  expire(now: number): void {
    while (this.delay(now) === 0) this.#endOldest('expired')
  }

  /** Milliseconds until the next one's time is up; null when there is none. */
  delay(now: number): number | null {
    for (const { deadline } of this.#places) return Math.max(0, deadline - now)
    return null
  }

  #endOldest(reason: EndReason): void {
    for (const place of this.#places) {
      this.#places.delete(place)
      place.onend(reason)
      return
    }
  }
}
