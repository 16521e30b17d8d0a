import b4a from 'b4a'
import type Hyperswarm from 'hyperswarm'
import type { Discovery } from 'hyperswarm'
import { type Deferred, deferred } from '../base/deferred.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'

interface Topic {
  users: number
  discovery: Discovery | null
  readonly announced: Deferred<void>
}

/** The topics this peer wants to be found under, whether or not there is a DHT to announce them to yet. */
export class Topics {
  readonly #log: Log
  readonly #topics = new Map<string, Topic>()
  #swarm: Hyperswarm | null = null
  #closed = false

  constructor(log: Log) {
    this.#log = log
  }

  get size(): number {
    return this.#topics.size
  }

  /** See `Network.join`. */
  join(topic: Uint8Array): Promise<void> {
    const key = b4a.toString(topic, 'hex')
    const entry = this.#topics.get(key) ?? { users: 0, discovery: null, announced: deferred<void>() }
    entry.users++
    this.#topics.set(key, entry)
    if (this.#swarm !== null) entry.discovery ??= this.#discover(key, this.#swarm)
    return entry.announced.promise
  }

  async leave(topic: Uint8Array): Promise<void> {
    const key = b4a.toString(topic, 'hex')
    const entry = this.#topics.get(key)
    if (entry === undefined || --entry.users > 0) return
    this.#topics.delete(key)
    entry.announced.resolve()
    await entry.discovery?.destroy()
  }

  /** The DHT answers: announces what waits, and what was announced before it was lost. */
  handleReachable(swarm: Hyperswarm): void {
    this.announceAgain('announcing again')
    this.#swarm = swarm
    for (const [key, entry] of this.#topics) entry.discovery ??= this.#discover(key, swarm)
  }

  announceAgain(why: string): void {
    const discoveries = [...this.#topics.values()].flatMap(({ discovery }) => discovery ?? [])
    if (discoveries.length === 0 || this.#swarm === null) return
    this.#log.debug(why)
    this.#swarm.server.refresh()
    for (const discovery of discoveries) this.#refresh(discovery)
  }

  /** Nobody waits any longer; the swarm's own end withdraws what was announced. */
  close(): void {
    this.#closed = true
    for (const { announced } of this.#topics.values()) announced.resolve()
  }

  #discover(key: string, swarm: Hyperswarm): Discovery {
    const discovery = swarm.join(b4a.from(key, 'hex'), { server: true, client: true })
    // Two peers that join at the same moment each look before the other is announced. Whoever looks again
    // once it is announced itself, and last, finds the other.
    discovery.flushed().then(
      (announced) => {
        const entry = this.#topics.get(key)
        if (!announced || entry?.discovery !== discovery) return
        entry.announced.resolve()
        this.#refresh(discovery)
      },
      (error: unknown) => this.#log.debug('announcing failed', { error: messageOf(error) })
    )
    return discovery
  }

  #refresh(discovery: Discovery): void {
    discovery.refresh().catch((error: unknown) => {
      if (!this.#closed) this.#log.debug('announcing failed', { error: messageOf(error) })
    })
  }
}
