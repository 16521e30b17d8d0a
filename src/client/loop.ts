import { BridgeError } from './errors.ts'

/** What is used of an AbortSignal. */
export interface AbortSignalLike {
  readonly aborted: boolean
  readonly reason?: unknown
  addEventListener(type: 'abort', listener: () => void): void
  removeEventListener(type: 'abort', listener: () => void): void
}

export interface LoopOptions<G> {
  readonly onGap: ((gap: G) => unknown) | null
  readonly signal: AbortSignalLike | null
}

/** What comes next in a loop: something to give, or word of what is missing. */
export type Next<T, G> = { readonly value: T } | { readonly gap: G }

/** One `for await`: waits, gives, tells of gaps, ends. What waits for it is the business of each kind. */
export abstract class Loop<T, G> implements AsyncIterableIterator<T, undefined> {
  /** Resolves once the node has confirmed it. */
  readonly ready: Promise<void>
  readonly #options: LoopOptions<G>
  readonly #settleReady: { resolve(): void; reject(error: unknown): void }
  #ended = false
  /** Why it ended, until that was thrown. */
  #failure: { readonly error: unknown } | null = null
  #wake: () => void = () => {}
  /** Calls of next() are answered one after the other. */
  #turn: Promise<unknown> = Promise.resolve()
  readonly #handleAbort = () => this.fail(this.#options.signal?.reason, true)

  constructor(options: LoopOptions<G>) {
    this.#options = options
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.ready = promise
    this.#settleReady = { resolve, reject }
    // Whoever iterates is told there.
    promise.catch(() => {})
  }

  get ended(): boolean {
    return this.#ended
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const result = this.#turn.then(() => this.#next())
    // Whoever called is told of a failure; the next call only waits for the end.
    this.#turn = result.catch(() => {})
    return result
  }

  /** What `break` calls. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.end()
    return { done: true, value: undefined }
  }

  /** Takes no more; the loop ends after what is waiting. */
  stop(): void {
    this.#finish()
    this.#wake()
  }

  /** Nothing more is given, not even what is waiting. */
  end(): void {
    this.#finish()
    this.clear()
    this.#failure = null
    this.#wake()
  }

  /** The loop ends with this error; `atOnce`: before what is waiting. */
  fail(error: unknown, atOnce = false): void {
    if (this.#ended) return
    if (atOnce) this.clear()
    this.#failure = { error }
    this.#settleReady.reject(error)
    this.#finish()
    this.#wake()
  }

  /** The next of what waits, which then does not any more. */
  protected abstract take(): Next<T, G> | null
  protected abstract clear(): void
  protected abstract gapError(gap: G): BridgeError
  /** Nobody listens any more. */
  protected abstract handleEnd(): void

  /** The end of the constructor: from here on it can be ended. */
  protected begin(): void {
    const { signal } = this.#options
    signal?.addEventListener('abort', this.#handleAbort)
    if (signal?.aborted) this.#handleAbort()
  }

  protected settleReady(): void {
    this.#settleReady.resolve()
  }

  /** There may be something to take. */
  protected wake(): void {
    this.#wake()
  }

  async #next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const next = this.take()
      if (next === null) {
        if (this.#failure !== null) {
          const { error } = this.#failure
          this.#failure = null
          throw error
        }
        if (this.#ended) return { done: true, value: undefined }
        const { promise, resolve } = Promise.withResolvers<void>()
        this.#wake = resolve
        await promise
      } else if ('gap' in next) await this.#tell(next.gap)
      else return { done: false, value: next.value }
    }
  }

  async #tell(gap: G): Promise<void> {
    const { onGap } = this.#options
    try {
      if (onGap === null) throw this.gapError(gap)
      await onGap(gap)
    } catch (error) {
      // The loop ends with it, and nobody would call return().
      this.end()
      throw error
    }
  }

  #finish(): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.signal?.removeEventListener('abort', this.#handleAbort)
    this.#settleReady.reject(new BridgeError('closed', 'The iterator has ended.'))
    this.handleEnd()
  }
}
