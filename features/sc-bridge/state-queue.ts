import { Ring } from '../../src/base/ring.ts'
import { STATE_LIMITS } from '../../src/bridge/limits.ts'

/** Changes of the state that wait for one client: the latest of each key, in the order in which keys came up. */
export class StateQueue {
  #keys = new Ring<string>({ maxItems: Infinity, maxBytes: Infinity })
  readonly #frames = new Map<string, Uint8Array>()
  #bytes = 0

  get size(): number {
    return this.#frames.size
  }

  get bytes(): number {
    return this.#bytes
  }

  /**
   * How many were lost: past the limits all that waits goes. The client has to read again anyway, and what comes
   * after this tells it what changed since.
   */
  put(key: string, frame: Uint8Array): number {
    const before = this.#frames.get(key)
    const bytes = this.#bytes + frame.byteLength - (before?.byteLength ?? 0)
    const isFull =
      bytes > STATE_LIMITS.maxBytes || (before === undefined && this.size >= STATE_LIMITS.maxItems)
    const lost = isFull && this.size > 0 ? this.clear() : 0
    if (!this.#frames.has(key)) this.#keys.offer(key, 0)
    this.#bytes = lost > 0 ? frame.byteLength : bytes
    this.#frames.set(key, frame)
    return lost
  }

  shift(): Uint8Array | null {
    const key = this.#keys.shift()
    if (key === undefined) return null
    const frame = this.#frames.get(key) as Uint8Array
    this.#frames.delete(key)
    this.#bytes -= frame.byteLength
    return frame
  }

  /** Only those that are still wanted. */
  keep(wants: (key: string) => boolean): void {
    const waiting = [...this.#keys].map((key) => [key, this.#frames.get(key) as Uint8Array] as const)
    this.clear()
    for (const [key, frame] of waiting) if (wants(key)) this.put(key, frame)
  }

  /** How many there were. */
  clear(): number {
    const { size } = this
    this.#keys.clear()
    this.#frames.clear()
    this.#bytes = 0
    return size
  }
}
