import { TokenBucket } from '../../src/base/bucket.ts'
import type { Session } from '../../src/network/protocols.ts'

/** What a neighbour is kept waiting with, at most (spec/sidechannel 2.12). */
export const OUTBOX_LIMITS = { messages: 10_000, bytes: 4 * 1024 * 1024 } as const

// On top of the limits, so that a full queue does not keep out what opens the doors.
const CONTROL_ROOM = { messages: 512, bytes: 256 * 1024 } as const
const NO_ROOM = { messages: 0, bytes: 0 } as const

// A little less than the neighbour's own budget: what was held up on the way arrives in bursts.
const SHARE = 0.9

// Cutting off what was sent costs as much as what is left is long.
const CUT = 1024

export type Priority = 'first' | 'rest'

/** `full` when it was not taken; `gone` when there is nobody to take it. */
export type Pushed = 'sent' | 'queued' | 'full' | 'gone'

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
  readonly #queues: Readonly<Record<Priority, { items: Outgoing[]; head: number }>> = {
    first: { items: [], head: 0 },
    rest: { items: [], head: 0 }
  }
  #bytes = 0
  #timer: ReturnType<typeof setTimeout> | null = null
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
    return { messages: first.items.length + rest.items.length - first.head - rest.head, bytes: this.#bytes }
  }

  push(outgoing: Outgoing, priority: Priority): Pushed {
    if (this.#closed || !outgoing.session.open) return 'gone'
    const { messages, bytes } = this.waiting
    if (messages === 0 && this.#trySend(outgoing)) return 'sent'
    const size = outgoing.frame.byteLength
    const extra = priority === 'first' ? CONTROL_ROOM : NO_ROOM
    const tooMany = messages >= OUTBOX_LIMITS.messages + extra.messages
    if (tooMany || bytes + size > OUTBOX_LIMITS.bytes + extra.bytes) return 'full'
    this.#queues[priority].items.push(outgoing)
    this.#bytes += size
    this.#flushLater()
    return 'queued'
  }

  /** The connection takes more. */
  handleDrain(): void {
    this.#flush()
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    for (const queue of Object.values(this.#queues)) {
      queue.items = []
      queue.head = 0
    }
    this.#bytes = 0
  }

  #flush(): void {
    for (const queue of [this.#queues.first, this.#queues.rest]) {
      for (let next = queue.items[queue.head]; next !== undefined; next = queue.items[queue.head]) {
        if (!this.#trySend(next)) break
        this.#bytes -= next.frame.byteLength
        queue.head++
      }
      if (queue.head === queue.items.length || queue.head >= CUT) {
        queue.items = queue.items.slice(queue.head)
        queue.head = 0
      }
      if (queue.items.length > 0) break
    }
    this.#flushLater()
  }

  /** `false`: later. */
  #trySend({ session, frame, mayGo }: Outgoing): boolean {
    // Nothing to wait for any more.
    if (!session.open || !mayGo()) return true
    // Asked of the connection each time: a note of our own would outlive the session that was to end it.
    if (!session.drained) return false
    const cost = this.#cost(frame)
    if (this.#bucket !== null && !this.#bucket.take(cost, this.#now())) return false
    session.send(frame)
    return true
  }

  /** What never fits into the bucket waits until it is full. */
  #cost(frame: Uint8Array): number {
    return Math.min(frame.byteLength, this.#bucket?.burst ?? 0)
  }

  #flushLater(): void {
    const { first, rest } = this.#queues
    const next = first.items[first.head] ?? rest.items[rest.head]
    if (next === undefined || this.#timer !== null || this.#closed) return
    // The connection says when it takes more.
    if (next.session.open && !next.session.drained) return
    this.#timer = setTimeout(
      () => {
        this.#timer = null
        this.#flush()
      },
      this.#bucket?.delay(this.#cost(next.frame), this.#now()) ?? 0
    )
  }
}
