import { Ring } from '../../src/base/ring.ts'
import { FEED_LIMITS } from '../../src/bridge/limits.ts'
import type { History } from './history.ts'
import { StateQueue } from './state-queue.ts'

/** An event on its way to all clients, encoded once. */
export interface FeedEvent {
  /** `null`: about none in particular. */
  readonly channel: string | null
  readonly seq: number
  /** Of a message of the subnet's chat: its place there. */
  readonly chat?: number
  readonly frame: Uint8Array
}

interface Range {
  from: number
  to: number
}

/** What was dropped of the subnet. */
export interface SubnetLoss {
  readonly state?: true
  readonly chat?: Readonly<Range>
}

export interface FeedOptions {
  readonly history: History
  /** Whether this client is to get a replayed message. */
  readonly wants: (channel: string, frame: Uint8Array) => boolean
  readonly lagged: (
    dropped: number,
    channels: Readonly<Record<string, Readonly<Range>>>,
    subnet: SubnetLoss
  ) => Uint8Array
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
  readonly #state = new StateQueue()
  /** Events and changes of the state take turns: neither holds up the other. */
  #stateIsNext = false
  readonly #lost = new Map<string, Range>()
  #lostState = false
  #lostChat: Range | null = null
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
    return this.#replyBytes + this.#events.bytes + this.#state.bytes
  }

  get isEmpty(): boolean {
    return (
      this.#replies.length === 0 &&
      this.#events.length === 0 &&
      this.#state.size === 0 &&
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

  /** The value of a key as it is now; one that still waits is out of date. */
  change(key: string, frame: Uint8Array): void {
    const lost = this.#state.put(key, frame)
    if (lost > 0) this.loseChanges(lost)
  }

  loseChanges(count: number): void {
    this.#dropped += count
    this.#lostState = true
  }

  /** What is watched no longer does not come any more. */
  keepWatched(wants: (key: string) => boolean, wantsChat: boolean): void {
    this.#state.keep(wants)
    if (!wantsChat) this.#keepEvents(({ chat }) => chat === undefined)
  }

  /** From this number on the channel is read from the history, until that is caught up with. */
  resume(channel: string, next: number): void {
    this.resumeAll(new Map([[channel, next]]))
  }

  /** The same for many: what waits is gone through once, however many they are. */
  resumeAll(positions: ReadonlyMap<string, number>): void {
    this.#keepEvents(({ channel }) => channel === null || !positions.has(channel))
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
    const event = this.#takeEvent()
    if (event !== null) return event
    for (const channel of this.#behind.keys()) {
      const frame = this.#replay(channel, look)
      if (frame !== null || look.bytes <= 0) return frame
    }
    return null
  }

  #takeEvent(): Uint8Array | null {
    if (this.#state.size === 0) return this.#events.shift()?.frame ?? null
    this.#stateIsNext = !this.#stateIsNext
    return (this.#stateIsNext ? null : this.#events.shift()?.frame) ?? this.#state.shift()
  }

  #keepEvents(wants: (event: FeedEvent) => boolean): void {
    const waiting = [...this.#events]
    this.#events.clear()
    for (const event of waiting) if (wants(event)) this.#events.offer(event, event.frame.byteLength)
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
    const { channel, seq, chat } = event
    if (channel !== null) this.#lose(channel, seq, seq)
    else this.#dropped++
    if (chat !== undefined) this.#lostChat = widened(this.#lostChat, chat, chat)
  }

  #lose(channel: string, from: number, to: number): void {
    this.#dropped += to - from + 1
    this.#lost.set(channel, widened(this.#lost.get(channel), from, to))
  }

  #takeLagged(): Uint8Array {
    const frame = this.#options.lagged(this.#dropped, Object.fromEntries(this.#lost), {
      ...(this.#lostState && { state: true }),
      ...(this.#lostChat !== null && { chat: this.#lostChat })
    })
    this.#dropped = 0
    this.#lost.clear()
    this.#lostState = false
    this.#lostChat = null
    return frame
  }
}

function widened(range: Range | null | undefined, from: number, to: number): Range {
  return range ? { from: Math.min(range.from, from), to: Math.max(range.to, to) } : { from, to }
}
