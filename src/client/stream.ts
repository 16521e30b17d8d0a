import type { SidechannelMessage } from '../bridge/types.ts'
import { GapError } from './errors.ts'
import { Follower, type Start } from './follower.ts'
import type { Gap } from './gap.ts'
import { Loop, type LoopOptions, type Next } from './loop.ts'

export interface StreamOptions extends Start, LoopOptions<Gap> {
  readonly maxBuffered: number
  /** There is room again for what did not fit. */
  readonly handleRoom: () => void
  readonly handleGap: (gap: Gap) => void
  readonly handleEnd: (stream: MessageStream) => void
}

/** Characters of JSON; many small messages reach the limit in number first. */
const MAX_BUFFERED_SIZE = 16 * 1024 * 1024

type Item = { readonly message: SidechannelMessage; readonly size: number } | { readonly gap: Gap }

/** The messages of some channels, or of all, for one `for await`. What is sent once it is ready is seen. */
export class MessageStream extends Loop<SidechannelMessage, Gap> {
  readonly follower: Follower
  readonly #options: StreamOptions
  #items: Item[] = []
  #messages = 0
  #size = 0

  constructor(options: StreamOptions) {
    super(options)
    this.#options = options
    this.follower = new Follower(options)
    this.begin()
  }

  /** Behind in a channel, and there is room for what is missing. */
  get wantsReplay(): boolean {
    return this.follower.started && this.follower.isBehind && this.#hasRoom(2)
  }

  /** The node sends from now on what came after these positions. */
  handleStarted(positions: Readonly<Record<string, number>>, epoch: string): void {
    this.handleGaps(this.follower.start(positions, epoch))
    this.settleReady()
  }

  handleMessage(message: SidechannelMessage, size: number): void {
    const { channel, seq } = message
    if (this.ended || !this.follower.isNext(channel, seq)) return
    if (!this.#hasRoom(1)) {
      this.follower.fallBehind(channel, 'lagged')
      return
    }
    this.follower.take(channel, seq)
    this.#messages++
    this.#size += size
    this.#items.push({ message, size })
    this.wake()
  }

  handleGaps(gaps: readonly Gap[]): void {
    for (const gap of gaps) {
      this.#items.push({ gap })
      this.wake()
      this.#options.handleGap(gap)
    }
  }

  protected override take(): Next<SidechannelMessage, Gap> | null {
    const item = this.#items.shift()
    if (item === undefined) return null
    if ('gap' in item) return item
    this.#messages--
    this.#size -= item.size
    if (this.wantsReplay) this.#options.handleRoom()
    return { value: item.message }
  }

  protected override clear(): void {
    this.#items = []
  }

  protected override gapError(gap: Gap): GapError {
    const { channel, from, to } = gap
    const which = to === null ? `after ${from - 1}` : from === to ? String(from) : `${from} to ${to}`
    return new GapError(gap, `Messages of "${channel}" are missing: ${which}.`, 'messages()')
  }

  protected override handleEnd(): void {
    this.#options.handleEnd(this)
  }

  /** Whether this share of the buffer (1: all of it, 2: half) is not taken yet. */
  #hasRoom(share: number): boolean {
    const { maxBuffered } = this.#options
    return this.#messages * share < maxBuffered && this.#size * share < MAX_BUFFERED_SIZE
  }
}
