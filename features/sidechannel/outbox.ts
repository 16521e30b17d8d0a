import { TokenBucket } from '../../src/base/bucket.ts'
import type { Session } from '../../src/network/protocols.ts'

/** What a neighbour is kept waiting with, at most (spec/sidechannel 2.12). */
export const OUTBOX_LIMITS = { messages: 10_000, bytes: 4 * 1024 * 1024 } as const

// A little less than the neighbour's own budget: what was held up on the way arrives in bursts.
const SHARE = 0.9

export interface Outgoing {
  readonly session: Session
  readonly frame: Uint8Array
  /** Asked at the last moment: an invite may have run out while the message waited. */
  readonly mayGo: () => boolean
}

export interface OutboxOptions {
  /** The budget that the neighbour is taken to have; rate 0: none. */
  readonly rate: number
  readonly burst: number
  readonly now: () => number
}

/**
 * All that goes out to one neighbour, over all channels: controls first, each in order, no faster than the
 * neighbour takes it without dropping, and never more waiting than the limits say.
 */
export class Outbox {
  readonly #bucket: TokenBucket | null
  readonly #now: () => number
  readonly #queues: { readonly first: Outgoing[]; readonly rest: Outgoing[] } = { first: [], rest: [] }
  #heads = { first: 0, rest: 0 }
  #bytes = 0
  #timer: ReturnType<typeof setTimeout> | null = null
  #congested = false
  #closed = false

  constructor(options: OutboxOptions) {
    this.#now = options.now
    this.#bucket =
      options.rate === 0
        ? null
        : new TokenBucket(options.rate * SHARE, Math.max(1, options.burst), options.now())
  }

  get waiting(): { readonly messages: number; readonly bytes: number } {
    const { first, rest } = this.#queues
    return { messages: first.length + rest.length - this.#heads.first - this.#heads.rest, bytes: this.#bytes }
  }

  /** `sent` or `queued`; `full` when it was not taken. */
  push(outgoing: Outgoing, priority: 'first' | 'rest'): 'sent' | 'queued' | 'full' {
    const { messages, bytes } = this.waiting
    if (messages === 0 && this.#trySend(outgoing)) return 'sent'
    const size = outgoing.frame.byteLength
    if (messages >= OUTBOX_LIMITS.messages || bytes + size > OUTBOX_LIMITS.bytes) return 'full'
    this.#queues[priority].push(outgoing)
    this.#bytes += size
    this.#flushLater()
    return 'queued'
  }

  /** The connection takes more. */
  handleDrain(): void {
    this.#congested = false
    this.#flush()
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#queues.first.length = this.#queues.rest.length = this.#bytes = 0
    this.#heads = { first: 0, rest: 0 }
  }

  #flush(): void {
    for (const priority of ['first', 'rest'] as const) {
      const queue = this.#queues[priority]
      let head = this.#heads[priority]
      while (head < queue.length && this.#trySend(queue[head] as Outgoing)) {
        this.#bytes -= (queue[head] as Outgoing).frame.byteLength
        head++
      }
      if (head === queue.length || head > 1024) {
        queue.splice(0, head)
        head = 0
      }
      this.#heads[priority] = head
      if (queue.length > 0) break
    }
    this.#flushLater()
  }

  #trySend({ session, frame, mayGo }: Outgoing): boolean {
    if (this.#congested) return false
    // Nothing to wait for any more.
    if (!session.open || !mayGo()) return true
    if (
      this.#bucket !== null &&
      !this.#bucket.take(Math.min(frame.byteLength, this.#bucket.burst), this.#now())
    )
      return false
    if (!session.send(frame)) this.#congested = true
    return true
  }

  #flushLater(): void {
    const next = this.#queues.first[this.#heads.first] ?? this.#queues.rest[this.#heads.rest]
    if (next === undefined || this.#congested || this.#timer !== null || this.#closed) return
    const cost = Math.min(next.frame.byteLength, this.#bucket?.burst ?? 0)
    const delay = this.#bucket?.delay(cost, this.#now()) ?? 0
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#flush()
    }, delay)
  }
}
