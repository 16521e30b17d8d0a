import { Ring } from '../../src/base/ring.ts'
import { HISTORY_BYTES } from '../../src/bridge/limits.ts'

export interface Kept {
  readonly seq: number
  /** As it goes to each client. */
  readonly frame: Uint8Array
}

interface ChannelHistory {
  /** How many messages there were. */
  last: number
  readonly kept: Ring<Kept>
}

/** The latest messages of each channel, numbered from 1; bounded for each and for all together. */
export class History {
  readonly #maxItems: number
  readonly #maxBytes: number
  readonly #channels = new Map<string, ChannelHistory>()
  #bytes = 0

  constructor(maxItems: number, maxBytes: number = HISTORY_BYTES.all) {
    this.#maxItems = maxItems
    this.#maxBytes = maxBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get messages(): number {
    let messages = 0
    for (const { kept } of this.#channels.values()) messages += kept.length
    return messages
  }

  channels(): string[] {
    return [...this.#channels.keys()]
  }

  /** The number of the latest message, 0 before the first. */
  last(channel: string): number {
    return this.#channels.get(channel)?.last ?? 0
  }

  /** The number of the oldest message that is held; of the next one when none is. */
  first(channel: string): number {
    return this.#channels.get(channel)?.kept.peek()?.seq ?? this.last(channel) + 1
  }

  /** Numbers a message and keeps what is made of it. */
  add(channel: string, encode: (seq: number) => Uint8Array): Kept {
    const history = this.#of(channel)
    const seq = ++history.last
    const item = { seq, frame: encode(seq) }
    const { kept } = history
    const before = kept.bytes
    kept.push(item, item.frame.byteLength)
    this.#bytes += kept.bytes - before
    this.#shrink()
    return item
  }

  /** The first message from this number on that is held. */
  from(channel: string, seq: number): Kept | null {
    // Those that are held are numbered without gaps: what does not fit empties the ring.
    return this.#channels.get(channel)?.kept.at(Math.max(0, seq - this.first(channel))) ?? null
  }

  /** The messages are gone; the numbers go on. */
  forget(channel: string): void {
    const kept = this.#channels.get(channel)?.kept
    if (kept === undefined) return
    this.#bytes -= kept.bytes
    kept.clear()
  }

  #of(channel: string): ChannelHistory {
    let history = this.#channels.get(channel)
    if (history === undefined) {
      const limits = { maxItems: this.#maxItems, maxBytes: Math.min(HISTORY_BYTES.channel, this.#maxBytes) }
      history = { last: 0, kept: new Ring<Kept>(limits) }
      this.#channels.set(channel, history)
    }
    return history
  }

  /** Over the limit for all, whoever holds most gives. */
  #shrink(): void {
    while (this.#bytes > this.#maxBytes) {
      let most: Ring<Kept> | null = null
      for (const { kept } of this.#channels.values()) if (kept.bytes > (most?.bytes ?? 0)) most = kept
      if (most === null) return
      const before = most.bytes
      most.shift()
      this.#bytes += most.bytes - before
    }
  }
}
