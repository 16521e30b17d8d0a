import ReadyResource from 'ready-resource'
import path from '#path'
import { type Deferred, deferred } from '../../src/base/deferred.ts'
import { IntercomError, messageOf } from '../../src/base/errors.ts'
import type { Log } from '../../src/base/log.ts'
import { printable } from '../../src/base/text.ts'
import { type Job, WorkerProcess } from './dry-run/worker-process.ts'
import type { Rules } from './engine/rules.ts'
import type { RunInput, Verdict } from './engine/runner.ts'
import type { Store } from './engine/state.ts'

const TIME_LIMIT_MS = 2000
const IDLE_MS = 60_000
const MOST_WAITING = 1000

export interface DryRunOptions {
  /** The folder of the app, as `loadApp` takes it. */
  readonly app: string | null
  /** What a contract may take for one run, without what it waits for the state. */
  readonly timeLimitMs?: number
  /** How long the process waits for another run. */
  readonly idleMs?: number
  readonly log: Log
}

interface Waiting extends Job {
  readonly verdict: Deferred<Verdict>
}

/**
 * What an operation would do, found out in a process of its own: a contract that never comes back, or takes all
 * memory, takes nothing from this one. In `apply` there is no such limit, since peers would differ over it.
 */
export class DryRunner extends ReadyResource {
  readonly #app: string | null
  readonly #timeLimitMs: number
  readonly #idleMs: number
  readonly #log: Log
  #queue: Waiting[] = []
  #working: Promise<void> | null = null
  #worker: WorkerProcess | null = null
  #idle: ReturnType<typeof setTimeout> | null = null

  constructor({ app, timeLimitMs = TIME_LIMIT_MS, idleMs = IDLE_MS, log }: DryRunOptions) {
    super()
    this.#app = app === null ? null : path.resolve(app)
    this.#timeLimitMs = timeLimitMs
    this.#idleMs = idleMs
    this.#log = log
  }

  /** Of the process, while there is one. */
  get pid(): number | null {
    return this.#worker?.pid ?? null
  }

  /** `store` has to answer until this is settled: it is best the snapshot of a view. */
  async run(input: RunInput, rules: Rules, store: Pick<Store, 'get'>): Promise<Verdict> {
    if (this.closing !== null) throw closed()
    if (this.#queue.length >= MOST_WAITING) {
      throw new IntercomError('rate_limited', 'Too many transactions wait to be tried.', {
        next: 'Wait a moment, then try again.'
      })
    }
    const waiting: Waiting = { input, rules, store, verdict: deferred<Verdict>() }
    this.#queue.push(waiting)
    this.#working ??= this.#work()
    return waiting.verdict.promise
  }

  protected override async _close(): Promise<void> {
    for (const { verdict } of this.#queue.splice(0)) verdict.reject(closed())
    await this.#worker?.end(closed())
    await this.#working
    this.#stopIdling()
  }

  async #work(): Promise<void> {
    this.#stopIdling()
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      try {
        const worker = await this.#begin(next)
        next.verdict.resolve(await worker.verdict())
      } catch (error) {
        next.verdict.reject(error)
      }
    }
    this.#working = null
    this.#idle = setTimeout(() => void this.#worker?.end(unused()), this.#idleMs)
    this.#idle.unref()
  }

  async #begin(job: Job): Promise<WorkerProcess> {
    const kept = this.#worker
    if (kept !== null && !kept.gone) {
      try {
        await kept.begin(job)
        return kept
      } catch (error) {
        if (!kept.gone) throw error
        // Something that an earlier run left behind: this one has not begun, and is not to blame.
        this.#log.debug('another process for the contract', { error: messageOf(error) })
      }
    }
    if (this.closing !== null) throw closed()
    const worker = this.#start()
    this.#worker = worker
    await worker.begin(job)
    return worker
  }

  #start(): WorkerProcess {
    try {
      return new WorkerProcess({ app: this.#app, timeLimitMs: this.#timeLimitMs, log: this.#log })
    } catch (cause) {
      throw new IntercomError(
        'contract_untried',
        `No process can be started: ${printable(messageOf(cause))}.`,
        {
          next: 'See what the system has left: processes, open files, memory.',
          cause
        }
      )
    }
  }

  #stopIdling(): void {
    if (this.#idle !== null) clearTimeout(this.#idle)
    this.#idle = null
  }
}

function unused(): IntercomError {
  return new IntercomError('closed', 'Nothing has been tried for a while.')
}

function closed(): IntercomError {
  return new IntercomError('closed', 'The node is closing.')
}
