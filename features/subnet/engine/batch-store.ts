import type { Batch } from 'hyperbee'
import type { Store } from './state.ts'

type Entry = { readonly value: unknown } | null

/** Counts, switches, marks: what nearly every operation of a batch asks for, and few of them change. */
const LONGEST_KNOWN = 64

/** One batch on the view, which says which keys were written, and looks up small things once. */
export class BatchStore implements Store {
  readonly #batch: Batch
  readonly #changed: Set<string>
  readonly #known = new Map<string, Entry>()

  constructor(batch: Batch, changed: Set<string>) {
    this.#batch = batch
    this.#changed = changed
  }

  async get(key: string): Promise<Entry> {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const entry = await this.#batch.get(key)
    this.#know(key, entry)
    return entry
  }

  put(key: string, value: unknown): Promise<void> {
    this.#changed.add(key)
    this.#know(key, { value })
    return this.#batch.put(key, value)
  }

  del(key: string): Promise<void> {
    this.#changed.add(key)
    this.#know(key, null)
    return this.#batch.del(key)
  }

  /** No objects: whoever gets one may change it. */
  #know(key: string, entry: Entry): void {
    if (entry === null || isSmall(entry.value)) this.#known.set(key, entry)
    else this.#known.delete(key)
  }
}

function isSmall(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value.length <= LONGEST_KNOWN)
}
