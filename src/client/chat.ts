import type { ChatEvent } from '../bridge/types.ts'
import { GapError } from './errors.ts'
import type { ChatGap, SubnetGapReason } from './gap.ts'
import { Loop, type LoopOptions, type Next } from './loop.ts'

export interface ChatStreamOptions extends LoopOptions<ChatGap> {
  readonly maxBuffered: number
  readonly handleEnd: (stream: ChatStream) => void
}

/** The messages of the subnet's chat, for one `for await`. */
export class ChatStream extends Loop<ChatEvent, ChatGap> {
  readonly prefixes: readonly string[] = []
  readonly chat = true
  readonly #options: ChatStreamOptions
  #items: Next<ChatEvent, ChatGap>[] = []
  #started = false
  /** The latest one that was told or missed, by `n`. */
  #last: number | null = null

  constructor(options: ChatStreamOptions) {
    super(options)
    this.#options = options
    this.begin()
  }

  get started(): boolean {
    return this.#started
  }

  handleStarted(): void {
    this.#started = true
    this.settleReady()
  }

  handleMessage(message: ChatEvent): void {
    if (!this.#started || this.ended) return
    const { n } = message
    if (this.#items.length >= this.#options.maxBuffered) this.handleGap('lagged', { from: n, to: n })
    else {
      this.#last = n
      this.#items.push({ value: message })
      this.wake()
    }
  }

  /** `range`: what is missing, where that is known. */
  handleGap(
    reason: SubnetGapReason,
    range: { readonly from: number; readonly to: number } | null = null
  ): void {
    if (!this.#started || this.ended) return
    const gap = range ?? { from: this.#last === null ? null : this.#last + 1, to: null }
    this.#last = range?.to ?? this.#last
    const before = this.#items.at(-1)
    if (before === undefined || !('gap' in before)) this.#items.push({ gap: { ...gap, reason } })
    else this.#items[this.#items.length - 1] = { gap: joined(before.gap, gap) }
    this.wake()
  }

  protected override take(): Next<ChatEvent, ChatGap> | null {
    return this.#items.shift() ?? null
  }

  protected override clear(): void {
    this.#items = []
  }

  protected override gapError(gap: ChatGap): GapError<ChatGap> {
    return new GapError(gap, 'Messages of the chat are missing.', 'chat()')
  }

  protected override handleEnd(): void {
    this.#options.handleEnd(this)
  }
}

/** Both of them and what lies between. */
function joined(gap: ChatGap, { from, to }: Pick<ChatGap, 'from' | 'to'>): ChatGap {
  return {
    from: gap.from === null || from === null ? null : Math.min(gap.from, from),
    to: gap.to === null || to === null ? null : Math.max(gap.to, to),
    reason: gap.reason
  }
}
