export interface Turn {
  /** Resolves when all that began earlier are done. */
  readonly before: Promise<void>
  done(): void
}

/** Keeps what takes several steps in the order in which it began. */
export class Turns {
  #last: Promise<void> = Promise.resolve()

  /** The turn is done at the latest when the work is. */
  async run<T>(work: (turn: Turn) => Promise<T>): Promise<T> {
    const turn = this.take()
    try {
      return await work(turn)
    } finally {
      turn.done()
    }
  }

  take(): Turn {
    const before = this.#last
    let done = () => {}
    const own = new Promise<void>((resolve) => {
      done = resolve
    })
    this.#last = before.then(() => own)
    return { before, done }
  }
}
