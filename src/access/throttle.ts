import { THROTTLE } from '../bridge/limits.ts'

interface Failures {
  readonly count: number
  readonly at: number
}

/** Remembers how often each address presented a wrong token. A right one is never held up by it. */
export class Throttle {
  readonly #failures = new Map<string, Failures>()

  /** How long the answer to one more wrong token waits, in ms. */
  fail(address: string, now: number): number {
    const known = this.#failures.get(address)
    const count = known === undefined || now - known.at > THROTTLE.forgetMs ? 1 : known.count + 1
    // The latest last, so that what is let go first is what was quiet longest.
    this.#failures.delete(address)
    this.#failures.set(address, { count, at: now })
    if (this.#failures.size > THROTTLE.addresses)
      this.#failures.delete(this.#failures.keys().next().value as string)
    return Math.min(THROTTLE.mostMs, THROTTLE.firstMs * 2 ** Math.min(count - 1, 16))
  }
}
