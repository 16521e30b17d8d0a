/** Runs one task at a time, in the order in which they came; a task that fails holds up nobody. */
export class Sequence {
  #last: Promise<unknown> = Promise.resolve()

  run<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#last.then(task)
    this.#last = done.catch(() => {
      // Whoever asked for the task is told by the promise that is returned.
    })
    return done
  }

  /** Resolves once all that came so far is done. */
  async settled(): Promise<void> {
    await this.#last
  }
}

// As long as anybody may be kept waiting between two steps of work.
const SLICE_MS = 4

/** Lets others run, but only when we have been at it for a while: a turn of the event loop has its price. */
export function createYield(now: () => number): () => Promise<void> {
  let since = Number.NEGATIVE_INFINITY
  return async () => {
    if (Math.abs(now() - since) < SLICE_MS) return
    await new Promise<void>((resolve) => setImmediate(resolve))
    since = now()
  }
}
