/** Beginnings of keys, among which a key is looked up without going through all of them. */
export class Prefixes {
  readonly #given = new Set<string>()
  /** Those that no other one covers, sorted. */
  #bare: readonly string[] = []

  get all(): string[] {
    return [...this.#given]
  }

  get size(): number {
    return this.#given.size
  }

  add(prefixes: readonly string[]): void {
    for (const prefix of prefixes) this.#given.add(prefix)
    this.#build()
  }

  remove(prefixes: readonly string[]): void {
    for (const prefix of prefixes) this.#given.delete(prefix)
    this.#build()
  }

  clear(): void {
    this.#given.clear()
    this.#build()
  }

  /** Whether the key begins with one of them. */
  cover(key: string): boolean {
    // What stands between a prefix and a key that begins with it begins with it, too: the one before the key decides.
    let [low, high] = [0, this.#bare.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#bare[middle] as string) <= key) low = middle + 1
      else high = middle
    }
    const before = this.#bare[low - 1]
    return before !== undefined && key.startsWith(before)
  }

  #build(): void {
    const bare: string[] = []
    for (const prefix of [...this.#given].sort()) {
      const last = bare.at(-1)
      if (last === undefined || !prefix.startsWith(last)) bare.push(prefix)
    }
    this.#bare = bare
  }
}
