import path from '#path'
import { deferred } from '../../../src/base/deferred.ts'
import { IntercomError, messageOf } from '../../../src/base/errors.ts'
import type { Log } from '../../../src/base/log.ts'
import { printable, quoted } from '../../../src/base/text.ts'
import { TimeLimit } from './time-limit.ts'
import { WorkerProcess } from './worker-process.ts'

/** An app takes a fraction of a second; packages that its protocol imports from a slow disk may take some. */
const TIME_LIMIT_MS = 10_000

export interface TrialLoadOptions {
  /** The folder of the app, as `loadApp` takes it. */
  readonly app: string
  readonly timeLimitMs?: number
  readonly log: Log
}

/**
 * Loads an app in a process of its own before this one does: an endless loop at its top level would stop this one
 * for ever, and nobody could be told. It begins at once, so that others can open meanwhile.
 */
export class TrialLoad {
  readonly #app: string
  readonly #timeLimitMs: number
  readonly #log: Log
  readonly #result = deferred<void>()
  #worker: WorkerProcess | null = null
  #closing = false

  constructor({ app, timeLimitMs = TIME_LIMIT_MS, log }: TrialLoadOptions) {
    this.#app = path.resolve(app)
    this.#timeLimitMs = timeLimitMs
    this.#log = log
    this.#run().then(this.#result.resolve, (error) => {
      if (!this.#closing) this.#result.reject(error)
    })
  }

  /**
   * Rejects if loading does not come to an end; what else is wrong with the app, whoever loads it here will see.
   * Settles no more once this is closed.
   */
  get ended(): Promise<void> {
    return this.#result.promise
  }

  async close(): Promise<void> {
    this.#closing = true
    await this.#worker?.end(new IntercomError('closed', 'The node is closing.'))
  }

  async #run(): Promise<void> {
    const worker = await this.#start()
    if (worker === null) return
    const limit = new TimeLimit(this.#timeLimitMs, () => void worker.end(this.#endless()))
    limit.start()
    try {
      await worker.loaded
    } catch (error) {
      throw error instanceof IntercomError ? error : this.#broken(printable(messageOf(error)), error)
    } finally {
      limit.stop()
      await worker.end(new IntercomError('closed', 'The app has been loaded.'))
    }
  }

  /** Null where no process comes so far as to load it: that is no fault of the app. */
  async #start(): Promise<WorkerProcess | null> {
    try {
      this.#worker = new WorkerProcess({ app: this.#app, timeLimitMs: this.#timeLimitMs, log: this.#log })
      await this.#worker.loading
      return this.#worker
    } catch (error) {
      if (this.#closing) throw error
      this.#log.warn('the app is loaded here without having been tried', { error: messageOf(error) })
      return null
    }
  }

  #endless(): IntercomError {
    return this.#broken(`it does not come to an end within ${this.#timeLimitMs / 1000} s`)
  }

  #broken(why: string, cause?: unknown): IntercomError {
    return new IntercomError('app_broken', `The app in ${quoted(this.#app, 300)} cannot be loaded: ${why}.`, {
      next: 'Look for a loop, or an await of what never comes, at the top level of its files and in the constructors of contract and protocol.',
      cause
    })
  }
}
