import type { StateChange } from '../bridge/types.ts'
import { GapError } from './errors.ts'
import type { StateGap, SubnetGapReason } from './gap.ts'
import { Loop, type LoopOptions, type Next } from './loop.ts'

export interface ChangeStreamOptions extends LoopOptions<StateGap> {
  readonly prefixes: readonly string[]
  readonly maxBuffered: number
  readonly handleEnd: (stream: ChangeStream) => void
}

/** Characters of JSON; many small changes reach the limit in number first. */
const MAX_BUFFERED_SIZE = 16 * 1024 * 1024

/** What changes in the shared state, for one `for await`: of each key that waits only its latest value. */
export class ChangeStream extends Loop<StateChange, StateGap> {
  readonly prefixes: readonly string[]
  readonly chat = false
  readonly #options: ChangeStreamOptions
  readonly #changes = new Map<string, { readonly change: StateChange; readonly size: number }>()
  #size = 0
  #gap: StateGap | null = null
  #started = false

  constructor(options: ChangeStreamOptions) {
    super(options)
    this.#options = options
    this.prefixes = options.prefixes
    this.begin()
  }

  get started(): boolean {
    return this.#started
  }

  handleStarted(): void {
    this.#started = true
    this.settleReady()
  }

  handleChange(change: StateChange, size: number): void {
    const { key } = change
    if (!this.#started || this.ended || !this.prefixes.some((prefix) => key.startsWith(prefix))) return
    const before = this.#changes.get(key)
    this.#size += size - (before?.size ?? 0)
    this.#changes.set(key, { change, size })
    if (this.#changes.size > this.#options.maxBuffered || this.#size > MAX_BUFFERED_SIZE)
      this.handleGap('lagged')
    this.wake()
  }

  /** Whoever reads everything again needs none of what waits. */
  handleGap(reason: SubnetGapReason): void {
    if (!this.#started || this.ended) return
    this.clear()
    this.#gap ??= { reason }
    this.wake()
  }

  protected override take(): Next<StateChange, StateGap> | null {
    const gap = this.#gap
    this.#gap = null
    if (gap !== null) return { gap }
    const [first] = this.#changes
    if (first === undefined) return null
    const [key, { change, size }] = first
    this.#changes.delete(key)
    this.#size -= size
    return { value: change }
  }

  protected override clear(): void {
    this.#changes.clear()
    this.#size = 0
  }

  protected override gapError(gap: StateGap): GapError<StateGap> {
    return new GapError(gap, 'Changes of the state are missing.', 'changes()')
  }

  protected override handleEnd(): void {
    this.#options.handleEnd(this)
  }
}
