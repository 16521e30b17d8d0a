import b4a from 'b4a'
import { safeJsonStringify } from '../../../src/app/json.ts'
import { jsonDepthWithin } from '../../../src/base/depth.ts'
import type { Rules } from './rules.ts'
import type { Store } from './state.ts'
import { isReserved } from './state-keys.ts'
import { nextTurn } from './turn.ts'

type Write =
  | { readonly kind: 'put'; readonly key: string; readonly value: unknown }
  | { readonly kind: 'del'; readonly key: string }

export type Bounds = Pick<Rules, 'reserved' | 'maxEntryBytes' | 'maxDepth'>

/** A write that a contract may not make. Its text is the same on every peer. */
export class ContractError extends Error {
  override readonly name = 'ContractError'
}

/** A contract's view of the state: its writes come on top and go no further until they are committed. */
export class Overlay implements Store {
  readonly #under: Pick<Store, 'get'>
  readonly #bounds: Bounds
  // In order and with what was written twice: each of them is a block of the view.
  readonly #writes: Write[] = []
  readonly #latest = new Map<string, Write>()
  #lastRead: Promise<unknown> = Promise.resolve()
  #failure: { readonly cause: unknown } | null = null

  constructor(under: Pick<Store, 'get'>, bounds: Bounds) {
    this.#under = under
    this.#bounds = bounds
  }

  async get(key: string): Promise<{ readonly value: unknown } | null> {
    const write = this.#latest.get(checkedKey('get(key)', key))
    if (write !== undefined) return write.kind === 'put' ? { value: copy(write.value) } : null
    const entry = await this.#read(key)
    return entry === null ? null : { value: copy(entry.value) }
  }

  async put(key: string, value: unknown): Promise<void> {
    this.#check('put(key,value)', key)
    // Taken now: what the contract does to the object afterwards is its own affair.
    const stored = storable(value, this.#bounds, b4a.byteLength(key))
    if (stored === null)
      throw new ContractError(`put(key,value): the value of ${key} is not JSON, or too large`)
    this.#add({ kind: 'put', key, value: stored.value })
  }

  async del(key: string): Promise<void> {
    this.#check('del(key)', key)
    this.#add({ kind: 'del', key })
  }

  async commit(to: Store): Promise<void> {
    for (const write of this.#writes) {
      if (write.kind === 'put') await to.put(write.key, write.value)
      else await to.del(write.key)
    }
  }

  /** Throws what kept the contract from reading the state; on another peer nothing may have. */
  assertRead(): void {
    if (this.#failure !== null) throw this.#failure.cause
  }

  /**
   * One after the other, and each is answered in a turn of its own: a contract that asks for several things at
   * once is told in the order in which it asked, whichever of them had to be fetched from the disk.
   */
  #read(key: string): Promise<{ readonly value: unknown } | null> {
    const read = this.#lastRead.then(async () => {
      try {
        const entry = await this.#under.get(key)
        await nextTurn()
        return entry
      } catch (cause) {
        this.#failure ??= { cause }
        throw cause
      }
    })
    // The contract and whoever runs it are told; the next read only waits for the end.
    this.#lastRead = read.catch(() => {})
    return read
  }

  #add(write: Write): void {
    this.#writes.push(write)
    this.#latest.set(write.key, write)
  }

  #check(call: string, key: unknown): void {
    const { reserved, maxEntryBytes } = this.#bounds
    const checked = checkedKey(call, key)
    if (b4a.byteLength(checked) > maxEntryBytes) throw new ContractError(`${call}: the key is too large`)
    if (isReserved(checked, reserved)) throw new ContractError(`${call}: ${checked}is reserved`)
  }
}

/**
 * The value as the state would have it; null for what it cannot have. How deep `JSON.stringify` gets differs
 * between machines, so running out of stack and nesting too deep are one answer.
 */
export function storable(
  value: unknown,
  { maxEntryBytes, maxDepth }: Pick<Bounds, 'maxEntryBytes' | 'maxDepth'>,
  keyBytes = 0
): { readonly value: unknown } | null {
  const json = safeJsonStringify(value)
  if (json === null || keyBytes + json.length > maxEntryBytes) return null
  const bytes = b4a.from(json)
  if (keyBytes + bytes.byteLength > maxEntryBytes || !jsonDepthWithin(bytes, maxDepth)) return null
  return { value: JSON.parse(json) }
}

function checkedKey(call: string, key: unknown): string {
  if (typeof key !== 'string') throw new ContractError(`${call}: the key is not a string`)
  return key
}

function copy(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value
}
