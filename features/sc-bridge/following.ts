import { IntercomError } from '../../src/base/errors.ts'
import { MOST_FOLLOWED } from '../../src/bridge/limits.ts'

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
    if (new Set([...this.#named, ...names]).size > MOST_FOLLOWED) {
      throw new IntercomError('bad_arguments', `Invalid channels (at most ${MOST_FOLLOWED} are followed).`, {
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
