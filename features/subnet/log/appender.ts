import { type Deferred, deferred } from '../../../src/base/deferred.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import type { Applied, AppliedOperation } from '../engine/events.ts'
import { operationId } from '../engine/operation-id.ts'

/** One append costs the same for one operation as for many, so what comes meanwhile goes together. */
const MOST_AT_ONCE = 500
const MOST_WAITING = 20_000

interface Waiting {
  readonly op: object
  readonly id: string
  readonly done: Deferred<AppliedOperation | null>
  /** Set when it is applied; told when the whole batch is in the store. */
  outcome: AppliedOperation | null
}

/**
 * Puts operations into this peer's log, in the order in which they came and as few batches as can be, and tells
 * each caller what became of its own.
 */
export class Appender {
  readonly #append: (ops: readonly object[]) => Promise<void>
  #queue: Waiting[] = []
  readonly #sent = new Map<string, Waiting[]>()
  #running = false

  constructor(append: (ops: readonly object[]) => Promise<void>) {
    this.#append = append
  }

  get waiting(): number {
    return this.#queue.length
  }

  /** Resolves once it was applied here; null when it stands in the log and that has not happened yet. */
  add(op: object): Promise<AppliedOperation | null> {
    if (this.#queue.length >= MOST_WAITING) {
      throw new IntercomError('rate_limited', 'Too many operations wait to be written.', {
        next: 'Wait a moment, then try again.'
      })
    }
    const waiting: Waiting = {
      op,
      id: operationId(op),
      done: deferred<AppliedOperation | null>(),
      outcome: null
    }
    this.#queue.push(waiting)
    if (!this.#running) void this.#run()
    return waiting.done.promise
  }

  /** Of operations in this peer's own log. */
  handleApplied({ operations }: Applied): void {
    for (const operation of operations) {
      const waiting = this.#sent.get(operation.id)?.find(({ outcome }) => outcome === null)
      if (waiting !== undefined) waiting.outcome = operation
    }
  }

  async #run(): Promise<void> {
    this.#running = true
    // What comes at the same moment goes together from the first one on.
    await null
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, MOST_AT_ONCE)
      this.#queue = this.#queue.slice(batch.length)
      for (const waiting of batch) {
        const same = this.#sent.get(waiting.id)
        if (same === undefined) this.#sent.set(waiting.id, [waiting])
        else same.push(waiting)
      }
      try {
        await this.#append(batch.map(({ op }) => op))
        for (const { done, outcome } of batch) done.resolve(outcome)
      } catch (error) {
        for (const { done } of batch) done.reject(error)
      }
      for (const { id } of batch) this.#sent.delete(id)
    }
    this.#running = false
  }
}
