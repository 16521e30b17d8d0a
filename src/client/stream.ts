import type { SidechannelMessage } from '../bridge/types.ts'
import { BridgeError, GapError } from './errors.ts'
import { Follower, type Start } from './follower.ts'
import type { Gap } from './gap.ts'

/** What is used of an AbortSignal. */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason?: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

export interface StreamOptions extends Start {
  readonly maxBuffered: number
  readonly onGap: ((gap: Gap) => unknown) | null
  readonly signal: AbortSignalLike | null
  /** There is room again for what did not fit. */
  readonly handleRoom: () => void
  readonly handleGap: (gap: Gap) => void
  readonly handleEnd: (stream: MessageStream) => void
}

/** Characters of JSON; many small messages reach the limit in number first. */
const MAX_BUFFERED_SIZE = 16 * 1024 * 1024

type Item = { readonly message: SidechannelMessage; readonly size: number } | { readonly gap: Gap }

/** The messages of some channels, or of all, for one `for await`. */
export class MessageStream implements AsyncIterableIterator<SidechannelMessage, undefined> {
  /** Resolves once the node sends them; what is sent to the channels from then on is seen. */
  readonly ready: Promise<void>
  readonly follower: Follower
  readonly #options: StreamOptions
  readonly #settleReady: { resolve(): void; reject(error: unknown): void }
  #items: Item[] = []
  #messages = 0
  #size = 0
  #ended = false
  /** Why it ended, until that was thrown. */
  #failure: { readonly error: unknown } | null = null
  #wake: () => void = () => {}
  /** Calls of next() are answered one after the other. */
  #turn: Promise<unknown> = Promise.resolve()
  readonly #handleAbort = () => this.fail(this.#options.signal?.reason, true)

  constructor(options: StreamOptions) {
    this.#options = options
    this.follower = new Follower(options)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.ready = promise
    this.#settleReady = { resolve, reject }
    // Whoever iterates is told there.
    promise.catch(() => {})
    options.signal?.addEventListener('abort', this.#handleAbort)
    if (options.signal?.aborted) this.#handleAbort()
  }

  get ended(): boolean {
    return this.#ended
  }

  /** Behind in a channel, and there is room for what is missing. */
  get wantsReplay(): boolean {
    return this.follower.started && this.follower.isBehind && this.#hasRoom(2)
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<SidechannelMessage, undefined>> {
    const result = this.#turn.then(() => this.#next())
    this.#turn = result.catch(() => {})
    return result
  }

  /** What `break` calls. */
  async return(): Promise<IteratorResult<SidechannelMessage, undefined>> {
    this.end()
    return { done: true, value: undefined }
  }

  /** The node sends from now on what came after these positions. */
  handleStarted(positions: Readonly<Record<string, number>>, epoch: string): void {
    this.handleGaps(this.follower.start(positions, epoch))
    this.#settleReady.resolve()
  }

  handleMessage(message: SidechannelMessage, size: number): void {
    const { channel, seq } = message
    if (this.#ended || !this.follower.isNext(channel, seq)) return
    if (!this.#hasRoom(1)) {
      this.follower.fallBehind(channel, 'lagged')
      return
    }
    this.follower.take(channel, seq)
    this.#messages++
    this.#size += size
    this.#push({ message, size })
  }

  handleGaps(gaps: readonly Gap[]): void {
    for (const gap of gaps) {
      this.#push({ gap })
      this.#options.handleGap(gap)
    }
  }

  /** Takes no more; the loop ends after what is waiting. */
  stop(): void {
    this.#finish()
    this.#wake()
  }

  /** Nothing more is given, not even what is waiting. */
  end(): void {
    this.#finish()
    this.#items = []
    this.#failure = null
    this.#wake()
  }

  /** The loop ends with this error; `atOnce`: before what is waiting. */
  fail(error: unknown, atOnce = false): void {
    if (this.#ended) return
    if (atOnce) this.#items = []
    this.#failure = { error }
    this.#finish()
    this.#settleReady.reject(error)
    this.#wake()
  }

  async #next(): Promise<IteratorResult<SidechannelMessage, undefined>> {
    for (;;) {
      const item = this.#items.shift()
      if (item === undefined) {
        if (this.#failure !== null) {
          const { error } = this.#failure
          this.#failure = null
          throw error
        }
        if (this.#ended) return { done: true, value: undefined }
        const { promise, resolve } = Promise.withResolvers<void>()
        this.#wake = resolve
        await promise
      } else if ('gap' in item) await this.#tell(item.gap)
      else {
        this.#messages--
        this.#size -= item.size
        if (this.wantsReplay) this.#options.handleRoom()
        return { done: false, value: item.message }
      }
    }
  }

  async #tell(gap: Gap): Promise<void> {
    const { onGap } = this.#options
    try {
      if (onGap === null) throw new GapError(gap)
      await onGap(gap)
    } catch (error) {
      // The loop ends with it, and nobody would call return().
      this.end()
      throw error
    }
  }

  /** Whether this share of the buffer (1: all of it, 2: half) is not taken yet. */
  #hasRoom(share: number): boolean {
    const { maxBuffered } = this.#options
    return this.#messages * share < maxBuffered && this.#size * share < MAX_BUFFERED_SIZE
  }

  #push(item: Item): void {
    this.#items.push(item)
    this.#wake()
  }

  #finish(): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.signal?.removeEventListener('abort', this.#handleAbort)
    this.#settleReady.reject(new BridgeError('closed', 'The iterator has ended.'))
    this.#options.handleEnd(this)
  }
}
