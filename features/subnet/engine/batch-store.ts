import type { Batch } from 'hyperbee'
import type { Store } from './state.ts'

type Entry = { readonly value: unknown } | null

const LONGEST = 64
/** Other keys can be written in two ways that are one in the view. */
const PLAIN = /^[\x20-\x7e]*$/

/**
 * One batch on the view, which says which keys were written. Counts, switches and marks, which nearly every
 * operation asks for and few change, are looked up once. What is remembered is what would be read.
 */
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

  /** What is read now is remembered, or at least in memory when it is asked for. */
  async readAhead(keys: readonly string[]): Promise<void> {
    await Promise.all(keys.map((key) => this.get(key)))
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

  #know(key: string, entry: Entry): void {
    if (PLAIN.test(key) && (entry === null || isPlain(entry.value))) this.#known.set(key, entry)
    else this.#known.delete(key)
  }
}

/** No objects, since whoever gets one may change it, and nothing that JSON turns into something else. */
function isPlain(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Object.is(value, -0)
  return typeof value === 'boolean' || (typeof value === 'string' && value.length <= LONGEST)
}
