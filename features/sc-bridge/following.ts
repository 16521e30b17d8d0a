import { IntercomError } from '../../src/base/errors.ts'

/** Names are free to make, so what is remembered of them is bounded. */
const MOST = 4096

/** The channels that a client follows; while it has named none, every one. */
export class Following {
  readonly #named = new Set<string>()

  get named(): string[] {
    return [...this.#named]
  }

  has(channel: string): boolean {
    return this.#named.size === 0 || this.#named.has(channel)
  }

  add(names: readonly string[]): void {
    if (new Set([...this.#named, ...names]).size > MOST) {
      throw new IntercomError('bad_arguments', `Invalid channels (at most ${MOST} are followed).`, {
        next: 'Unsubscribe from some; or from all, which means every channel.'
      })
    }
    for (const name of names) this.#named.add(name)
  }

  remove(names: readonly string[]): void {
    for (const name of names) this.#named.delete(name)
  }

  clear(): void {
    this.#named.clear()
  }
}
