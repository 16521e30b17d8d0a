export interface RingLimits {
  readonly maxItems: number
  readonly maxBytes: number
}

/**
 * A queue with a limit in items and in bytes. `offer` refuses what does not fit (a send queue), `push`
 * makes room by dropping the oldest (a history).
 */
export class Ring<T> {
  readonly limits: RingLimits
  #slots: ({ readonly item: T; readonly bytes: number } | undefined)[] = []
  #head = 0
  #bytes = 0

  constructor(limits: RingLimits) {
    this.limits = limits
  }

  get length(): number {
    return this.#slots.length - this.#head
  }

  get bytes(): number {
    return this.#bytes
  }

  fits(bytes: number): boolean {
    return this.length < this.limits.maxItems && this.#bytes + bytes <= this.limits.maxBytes
  }

  offer(item: T, bytes: number): boolean {
    if (!this.fits(bytes)) return false
    this.#slots.push({ item, bytes })
    this.#bytes += bytes
    return true
  }

  /** How many older items went; an item that would not fit into an empty ring goes itself, and counts. */
  push(item: T, bytes: number): number {
    let dropped = 0
    while (this.length > 0 && !this.fits(bytes)) {
      this.shift()
      dropped++
    }
    return this.offer(item, bytes) ? dropped : dropped + 1
  }

  peek(): T | undefined {
    return this.#slots[this.#head]?.item
  }

  /** Counted from the oldest. */
  at(index: number): T | undefined {
    return index < 0 ? undefined : this.#slots[this.#head + index]?.item
  }

  shift(): T | undefined {
    const slot = this.#slots[this.#head]
    if (slot === undefined) return undefined
    this.#slots[this.#head++] = undefined
    this.#bytes -= slot.bytes
    // Moving what is left only once the gap is as long keeps the cost of a shift constant on average.
    if (this.#head * 2 > this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head)
      this.#head = 0
    }
    return slot.item
  }

  clear(): void {
    this.#slots = []
    this.#head = 0
    this.#bytes = 0
  }

  /** Oldest first. */
  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = this.#head; i < this.#slots.length; i++) {
      const slot = this.#slots[i]
      if (slot !== undefined) yield slot.item
    }
  }
}
