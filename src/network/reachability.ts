import type DHT from 'hyperdht'
import type { Address } from 'hyperdht'

export interface ReachabilityOptions {
  readonly dht: DHT
  /** The nodes to ask; none for the public DHT, whose own health is the measure. */
  readonly bootstrap: readonly Address[]
  /** Whether the DHT still holds what this peer announced; only asked of private DHTs. */
  readonly announced: (() => Promise<boolean>) | null
  readonly onchange: (reachable: boolean) => void
  /** The DHT lost what was announced, as after a restart. */
  readonly onforgotten: () => void
  readonly onfault: (error: unknown) => void
  readonly interval: number
}

// A DHT that restarted forgets once.
const MOST_FORGOTTEN = 4

/**
 * Watches whether the DHT can be reached. Left alone, the libraries below notice a lost or restarted DHT
 * after minutes: their timers are made for a public network with thousands of nodes.
 */
export class Reachability {
  readonly #options: ReachabilityOptions
  #reachable: boolean | null = null
  #misses = 0
  #forgotten = 0
  #timer: ReturnType<typeof setTimeout> | null = null
  #checking: Promise<void> | null = null
  #paused = false
  #closed = false

  constructor(options: ReachabilityOptions) {
    this.#options = options
  }

  /** `null` until the first answer or the first time-out. */
  get reachable(): boolean | null {
    return this.#reachable
  }

  start(): void {
    this.#checking = this.#check()
      .catch(this.#options.onfault)
      .then(() => {
        this.#checking = null
        if (!this.#closed) this.#timer = setTimeout(() => this.start(), this.#options.interval)
      })
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    if (this.#checking !== null || this.#closed) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.start()
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#checking
  }

  async #check(): Promise<void> {
    const { dht, bootstrap } = this.#options
    if (this.#stopped()) return
    const answered = await answers(dht, bootstrap)
    if (this.#stopped()) return
    if (!answered) dht.refresh()
    this.#misses = answered ? 0 : this.#misses + 1
    // One unanswered question is no news: a packet was lost, or another peer is about to take over as host.
    if (this.#reachable === true && this.#misses === 1) return
    const keeps = answered && (await this.#keeps())
    if (this.#stopped() || this.#reachable === keeps) return
    this.#reachable = keeps
    this.#options.onchange(keeps)
  }

  /** Whether what answers keeps what it is told; what never does is no DHT, whatever it answers. */
  async #keeps(): Promise<boolean> {
    const { announced, onforgotten } = this.#options
    // At the first contact nothing is announced yet.
    if (announced === null || (this.#reachable !== true && this.#forgotten < MOST_FORGOTTEN)) return true
    const known = await announced()
    this.#forgotten = known ? 0 : this.#forgotten + 1
    if (!known && !this.#stopped()) onforgotten()
    return this.#forgotten < MOST_FORGOTTEN
  }

  #stopped(): boolean {
    return this.#closed || this.#paused || this.#options.dht.destroyed
  }
}

/** Whether one of those nodes answers; with none the public DHT, whose own health is the measure. */
export async function answers(dht: DHT, bootstrap: readonly Address[]): Promise<boolean> {
  if (bootstrap.length === 0) {
    await dht.fullyBootstrapped()
    return dht.nodes.length > 0 && dht.online
  }
  try {
    await Promise.any(bootstrap.map((node) => dht.ping(node, { retry: false })))
  } catch (error) {
    if (error instanceof AggregateError) return false
    throw error
  }
  // Before that, an announcement can get lost.
  await dht.fullyBootstrapped()
  return true
}
