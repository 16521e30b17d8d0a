import { TokenBucket } from '../../src/base/bucket.ts'
import type { Session } from '../../src/network/protocols.ts'

/** What a neighbour is kept waiting with, at most (spec/sidechannel 2.12). */
export const OUTBOX_LIMITS = { messages: 10_000, bytes: 4 * 1024 * 1024 } as const

// For others only half of it, so that what we have to say ourselves finds room whatever they send.
const RELAYED_LIMITS = { messages: OUTBOX_LIMITS.messages / 2, bytes: OUTBOX_LIMITS.bytes / 2 } as const

// Beyond the limits, so that a full queue does not keep out what opens the doors.
const CONTROL_LIMITS = {
  messages: OUTBOX_LIMITS.messages + 512,
  bytes: OUTBOX_LIMITS.bytes + 256 * 1024
} as const

// A little less than the neighbour's own budget: what was held up on the way arrives in bursts.
const SHARE = 0.9

// Cutting off what was sent costs as much as what is left is long.
const CUT = 1024

/** Controls go first, then what is our own, then what is passed on for others. */
const PRIORITIES = ['first', 'own', 'relayed'] as const

export type Priority = (typeof PRIORITIES)[number]

/** `full` when it was not taken; `gone` when there is nobody to take it. */
export type Pushed = 'sent' | 'queued' | 'full' | 'gone'

export interface Outgoing {
  readonly session: Session
  readonly frame: Uint8Array
  /** Asked at the last moment: an invite may have run out while the message waited. */
  readonly mayGo: () => boolean
  /** It was not sent and will not be, unless `push` said so itself or the session is closed. */
  readonly onlost?: (() => void) | undefined
}

/** `bytes` of what waits from `head` on. */
interface Queue {
  items: Outgoing[]
  head: number
  bytes: number
}

interface Load {
  readonly messages: number
  readonly bytes: number
}

export interface OutboxOptions {
  /** The budget that the neighbour is taken to have; rate 0: none. */
  readonly rate: number
  readonly burst: number
  readonly now: () => number
}

/**
 * All that goes out to one neighbour, over all channels: controls first, each kind in order, no faster than the
 * neighbour takes it without dropping, and never more waiting than the limits say.
 */
export class Outbox {
  readonly #bucket: TokenBucket | null
  readonly #now: () => number
  readonly #queues: Readonly<Record<Priority, Queue>> = {
    first: { items: [], head: 0, bytes: 0 },
    own: { items: [], head: 0, bytes: 0 },
    relayed: { items: [], head: 0, bytes: 0 }
  }
  #timer: ReturnType<typeof setTimeout> | null = null
  #closed = false

  constructor(options: OutboxOptions) {
    this.#now = options.now
    this.#bucket =
      options.rate === 0
        ? null
        : new TokenBucket(options.rate * SHARE, Math.max(1, options.burst), options.now())
  }

  get waiting(): Load {
    return this.#load(PRIORITIES)
  }

  push(outgoing: Outgoing, priority: Priority): Pushed {
    if (this.#closed || !outgoing.session.open) return 'gone'
    if (!this.#anyAhead(priority)) {
      const done = this.#trySend(outgoing)
      if (done !== null) return done
    }
    if (!this.#hasRoom(outgoing.frame.byteLength, priority)) return 'full'
    const queue = this.#queues[priority]
    queue.items.push(outgoing)
    queue.bytes += outgoing.frame.byteLength
    // What waits next may be another one than before, and have to wait less.
    if (queue.items.length - queue.head === 1) this.#stopTimer()
    this.#flushLater()
    return 'queued'
  }

  /** The connection takes more. */
  handleDrain(): void {
    this.#flush()
  }

  close(): void {
    this.#closed = true
    this.#stopTimer()
    for (const queue of Object.values(this.#queues)) Object.assign(queue, { items: [], head: 0, bytes: 0 })
  }

  /** Whether something waits that goes before what is pushed now. */
  #anyAhead(priority: Priority): boolean {
    for (const each of PRIORITIES) {
      const { items, head } = this.#queues[each]
      if (items.length > head) return true
      if (each === priority) break
    }
    return false
  }

  #load(priorities: readonly Priority[]): Load {
    let messages = 0
    let bytes = 0
    for (const priority of priorities) {
      const queue = this.#queues[priority]
      messages += queue.items.length - queue.head
      bytes += queue.bytes
    }
    return { messages, bytes }
  }

  #hasRoom(size: number, priority: Priority): boolean {
    if (priority === 'relayed' && !fits(size, this.#load(['relayed']), RELAYED_LIMITS)) return false
    return fits(size, this.waiting, priority === 'first' ? CONTROL_LIMITS : OUTBOX_LIMITS)
  }

  #flush(): void {
    for (const priority of PRIORITIES) {
      const queue = this.#queues[priority]
      for (let next = queue.items[queue.head]; next !== undefined; next = queue.items[queue.head]) {
        if (this.#trySend(next) === null) break
        queue.bytes -= next.frame.byteLength
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

  /** Null: later. */
  #trySend({ session, frame, mayGo, onlost }: Outgoing): 'sent' | 'gone' | null {
    // Nothing to wait for any more.
    if (!session.open) return 'gone'
    if (!mayGo()) {
      onlost?.()
      return 'gone'
    }
    // Asked of the connection each time: a note of our own would outlive the session that was to end it.
    if (!session.drained) return null
    const cost = this.#cost(frame)
    if (this.#bucket !== null && !this.#bucket.take(cost, this.#now())) return null
    session.send(frame)
    return 'sent'
  }

  /** What never fits into the bucket waits until it is full. */
  #cost(frame: Uint8Array): number {
    return Math.min(frame.byteLength, this.#bucket?.burst ?? 0)
  }

  #flushLater(): void {
    const { first, own, relayed } = this.#queues
    const next = first.items[first.head] ?? own.items[own.head] ?? relayed.items[relayed.head]
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

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }
}

function fits(size: number, { messages, bytes }: Load, most: Load): boolean {
  return messages < most.messages && bytes + size <= most.bytes
}
