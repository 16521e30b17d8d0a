export interface Patience {
  /** Milliseconds without a word before the client is asked. */
  readonly idle: number
  /** Milliseconds it has to answer, in whatever way. */
  readonly answer: number
}

export interface SilenceHandlers {
  ask(): void
  /** Whether the client cannot be blamed for the silence: it is given the same time again. */
  isExcused(): boolean
  onsilent(): void
}

/** Finds out whether a client that says nothing is still there. */
export class KeepAlive {
  readonly #patience: Patience
  readonly #handlers: SilenceHandlers
  #asked = false
  #timer: NodeJS.Timeout | null = null

  constructor(patience: Patience, handlers: SilenceHandlers) {
    this.#patience = patience
    this.#handlers = handlers
    this.#wait()
  }

  heard(): void {
    if (this.#timer === null) return
    if (!this.#asked) {
      this.#timer.refresh()
      return
    }
    this.#asked = false
    this.#wait()
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #wait(): void {
    this.stop()
    const { idle, answer } = this.#patience
    this.#timer = setTimeout(() => this.#handleSilence(), this.#asked ? answer : idle)
  }

  #handleSilence(): void {
    if (this.#asked && !this.#handlers.isExcused()) {
      this.stop()
      this.#handlers.onsilent()
      return
    }
    if (!this.#asked) this.#handlers.ask()
    this.#asked = true
    this.#wait()
  }
}
