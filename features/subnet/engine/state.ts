import { KEYS } from './state-keys.ts'

/** What the engine reads from and writes to: a Hyperbee batch, or a contract's overlay on it. */
export interface Store {
  get(key: string): Promise<{ readonly value: unknown } | null>
  put(key: string, value: unknown): Promise<void>
  del(key: string): Promise<void>
}

/** The view by what is in it. */
export class State {
  readonly store: Store

  constructor(store: Store) {
    this.store = store
  }

  /** Null when there is no such key. */
  async get(key: string): Promise<unknown> {
    return (await this.store.get(key))?.value ?? null
  }

  async has(key: string): Promise<boolean> {
    return (await this.store.get(key)) !== null
  }

  put(key: string, value: unknown): Promise<void> {
    return this.store.put(key, value)
  }

  del(key: string): Promise<void> {
    return this.store.del(key)
  }

  /** The admin's key; null before there is one, and when the role was given up for good. */
  async admin(): Promise<string | null> {
    const admin = await this.get(KEYS.admin)
    return typeof admin === 'string' ? admin : null
  }

  async isMod(address: string): Promise<boolean> {
    return (await this.get(KEYS.mod(address))) === true
  }

  /** Contracts of ruleset 1 can write what they like where some of the counts are. */
  async count(key: string): Promise<number> {
    const count = await this.get(key)
    return typeof count === 'number' ? count : 0
  }

  /** An object of which single fields can be replaced. */
  async record(key: string): Promise<Record<string, unknown> | null> {
    const value = await this.get(key)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  }
}
