/** How long those that are ready wait for the others that have begun: less than one append takes. */
const GATHER_MS = 5

export interface Turn {
  /** Resolves when it is this one's turn, together with as many others as can be. */
  ready(): Promise<void>
  /** It is over; those behind it need not wait for it. */
  done(): void
}

interface Waiting {
  release: (() => void) | null
  released: boolean
}

/**
 * Lets what takes several steps go on in the order in which it began, and what begins at one time go on at one
 * time: callers that all wait for one append come back together, and are to share the next one as well.
 */
export class Turns {
  /** Those before the last step, in order. */
  #line: Waiting[] = []
  #ready = 0
  #timer: ReturnType<typeof setTimeout> | null = null

  /** The turn is over at the latest when the work is. */
  async run<T>(work: (turn: Turn) => Promise<T>): Promise<T> {
    const turn = this.take()
    try {
      return await work(turn)
    } finally {
      turn.done()
    }
  }

  take(): Turn {
    const waiting: Waiting = { release: null, released: false }
    this.#line.push(waiting)
    return {
      ready: () =>
        new Promise((resolve) => {
          waiting.release = resolve
          this.#ready++
          this.#look()
        }),
      done: () => {
        if (waiting.released) return
        this.#line.splice(this.#line.indexOf(waiting), 1)
        waiting.released = true
        if (waiting.release !== null) this.#ready--
        this.#look()
      }
    }
  }

  /** Not at once: whoever has just become ready could not hear it before those who wait already. */
  #look(): void {
    if (this.#line[0]?.release != null) void Promise.resolve().then(() => this.#decide())
  }

  #decide(): void {
    if (this.#line[0]?.release == null) return
    if (this.#ready === this.#line.length) this.#release()
    else this.#timer ??= setTimeout(() => this.#release(), GATHER_MS)
  }

  /** All up to the first that is not ready. */
  #release(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const end = this.#line.findIndex(({ release }) => release === null)
    const released = end === -1 ? this.#line : this.#line.slice(0, end)
    this.#line = end === -1 ? [] : this.#line.slice(end)
    this.#ready -= released.length
    for (const waiting of released) {
      waiting.released = true
      waiting.release?.()
    }
  }
}
