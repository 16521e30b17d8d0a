import { Ring } from '../../src/base/ring.ts'
import { FEED_LIMITS } from '../../src/bridge/limits.ts'
import type { History } from './history.ts'

/** An event on its way to all clients, encoded once. */
export interface FeedEvent {
  /** `null`: about none in particular. */
  readonly channel: string | null
  readonly seq: number
  readonly frame: Uint8Array
}

interface Range {
  from: number
  to: number
}

export interface FeedOptions {
  readonly history: History
  /** Whether this client is to get a replayed message. */
  readonly wants: (channel: string, frame: Uint8Array) => boolean
  readonly lagged: (dropped: number, channels: Readonly<Record<string, Readonly<Range>>>) => Uint8Array
}

/**
 * What waits for one client, in the order in which it goes out: replies, word of what was lost, live
 * events, then what it missed before, read from the history as fast as the client takes it. No I/O.
 */
export class Feed {
  readonly #options: FeedOptions
  readonly #replies: Uint8Array[] = []
  #replyBytes = 0
  readonly #events = new Ring<FeedEvent>(FEED_LIMITS)
  readonly #lost = new Map<string, Range>()
  #dropped = 0
  /** Channels that are being caught up with, and the number of the message that is next. */
  readonly #behind = new Map<string, number>()

  constructor(options: FeedOptions) {
    this.#options = options
  }

  get replyBytes(): number {
    return this.#replyBytes
  }

  /** Not counting what is held for everybody anyway. */
  get waitingBytes(): number {
    return this.#replyBytes + this.#events.bytes
  }

  get isEmpty(): boolean {
    return (
      this.#replies.length === 0 &&
      this.#events.length === 0 &&
      this.#dropped === 0 &&
      this.#behind.size === 0
    )
  }

  reply(frame: Uint8Array): void {
    this.#replies.push(frame)
    this.#replyBytes += frame.byteLength
  }

  event(event: FeedEvent): void {
    // The history has it already, and it is read from there in its turn.
    if (event.channel !== null && this.#behind.has(event.channel)) return
    while (this.#events.length > 0 && !this.#events.fits(event.frame.byteLength))
      this.#drop(this.#events.shift())
    if (!this.#events.offer(event, event.frame.byteLength)) this.#drop(event)
  }

  /** From this number on the channel is read from the history, until that is caught up with. */
  resume(channel: string, next: number): void {
    this.resumeAll(new Map([[channel, next]]))
  }

  /** The same for many: what waits is gone through once, however many they are. */
  resumeAll(positions: ReadonlyMap<string, number>): void {
    const waiting = [...this.#events]
    this.#events.clear()
    for (const event of waiting) {
      if (event.channel === null || !positions.has(event.channel))
        this.#events.offer(event, event.frame.byteLength)
    }
    for (const [channel, next] of positions) this.#behind.set(channel, next)
  }

  /** The client follows the channel no longer. */
  stop(channel: string): void {
    this.#behind.delete(channel)
  }

  /**
   * The next frame to write, or null; while it is held back, only replies are. `look` is how many bytes of the
   * history may be looked at, and what is left of them.
   */
  next(look: { bytes: number }, held = false): Uint8Array | null {
    const reply = this.#replies.shift()
    if (reply !== undefined) {
      this.#replyBytes -= reply.byteLength
      return reply
    }
    if (held) return null
    if (this.#dropped > 0) return this.#takeLagged()
    const event = this.#events.shift()
    if (event !== undefined) return event.frame
    for (const channel of this.#behind.keys()) {
      const frame = this.#replay(channel, look)
      if (frame !== null || look.bytes <= 0) return frame
    }
    return null
  }

  /** The next one of a channel that is behind; null once it is not. */
  #replay(channel: string, look: { bytes: number }): Uint8Array | null {
    const { history, wants } = this.#options
    while (look.bytes > 0) {
      const next = this.#behind.get(channel)
      if (next === undefined) return null
      const kept = history.from(channel, next)
      const seq = kept?.seq ?? history.last(channel) + 1
      if (seq > next) {
        this.#behind.set(channel, seq)
        this.#lose(channel, next, seq - 1)
        return this.#takeLagged()
      }
      if (kept === null) this.#behind.delete(channel)
      else {
        this.#behind.set(channel, seq + 1)
        look.bytes -= kept.frame.byteLength
        if (wants(channel, kept.frame)) return kept.frame
      }
    }
    return null
  }

  #drop(event: FeedEvent | undefined): void {
    if (event === undefined) return
    if (event.channel === null) this.#dropped++
    else this.#lose(event.channel, event.seq, event.seq)
  }

  #lose(channel: string, from: number, to: number): void {
    this.#dropped += to - from + 1
    const range = this.#lost.get(channel)
    if (range === undefined) this.#lost.set(channel, { from, to })
    else {
      range.from = Math.min(range.from, from)
      range.to = Math.max(range.to, to)
    }
  }

  #takeLagged(): Uint8Array {
    const frame = this.#options.lagged(this.#dropped, Object.fromEntries(this.#lost))
    this.#dropped = 0
    this.#lost.clear()
    return frame
  }
}
