import type { Store } from './state.ts'
import { isReserved, type Reserved } from './state-keys.ts'

type Write =
  | { readonly kind: 'put'; readonly key: string; readonly value: unknown }
  | { readonly kind: 'del'; readonly key: string }

/** A write that a contract may not make. Its text is the same on every peer. */
export class ContractError extends Error {
  override readonly name = 'ContractError'
}

/** A contract's view of the state: its writes come on top and go no further until they are committed. */
export class Overlay implements Store {
  readonly #under: Pick<Store, 'get'>
  readonly #reserved: Reserved
  readonly #maxValueLength: number
  // In order and with what was written twice: each of them is a block of the view.
  readonly #writes: Write[] = []
  readonly #latest = new Map<string, Write>()
  #failure: { readonly cause: unknown } | null = null

  constructor(under: Pick<Store, 'get'>, reserved: Reserved, maxValueLength: number) {
    this.#under = under
    this.#reserved = reserved
    this.#maxValueLength = maxValueLength
  }

  async get(key: string): Promise<{ readonly value: unknown } | null> {
    const write = this.#latest.get(checkedKey('get(key)', key))
    if (write !== undefined) return write.kind === 'put' ? { value: copy(write.value) } : null
    const entry = await this.#read(key)
    return entry === null ? null : { value: copy(entry.value) }
  }

  async put(key: string, value: unknown): Promise<void> {
    this.#check('put(key,value)', key)
    const json: string | undefined = JSON.stringify(value)
    if (json === undefined) throw new ContractError(`put(key,value): the value of ${key} is not JSON`)
    if (json.length > this.#maxValueLength)
      throw new ContractError(`put(key,value): the value of ${key} is too large`)
    // Taken now: what the contract does to the object afterwards is its own affair.
    this.#add({ kind: 'put', key, value: JSON.parse(json) })
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

  async #read(key: string): Promise<{ readonly value: unknown } | null> {
    try {
      return await this.#under.get(key)
    } catch (cause) {
      this.#failure ??= { cause }
      throw cause
    }
  }

  #add(write: Write): void {
    this.#writes.push(write)
    this.#latest.set(write.key, write)
  }

  #check(call: string, key: unknown): void {
    if (isReserved(checkedKey(call, key), this.#reserved))
      throw new ContractError(`${call}: ${key}is reserved`)
  }
}

function checkedKey(call: string, key: unknown): string {
  if (typeof key !== 'string') throw new ContractError(`${call}: the key is not a string`)
  return key
}

function copy(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value
}
