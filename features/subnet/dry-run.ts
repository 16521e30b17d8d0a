import ReadyResource from 'ready-resource'
import path from '#path'
import { type Deferred, deferred } from '../../src/base/deferred.ts'
import { IntercomError, messageOf } from '../../src/base/errors.ts'
import type { Log } from '../../src/base/log.ts'
import { printable } from '../../src/base/text.ts'
import { type Job, NotBegun, WorkerProcess } from './dry-run/worker-process.ts'
import type { Rules } from './engine/rules.ts'
import type { RunInput, Verdict } from './engine/runner.ts'
import type { Store } from './engine/state.ts'

const TIME_LIMIT_MS = 2000
const IDLE_MS = 60_000
const MOST_WAITING = 1000
const MOST_UNDER_WAY = 64

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
  /** What the process has been given; it takes them in order. */
  #underWay = 0
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
    if (this.#queue.length + this.#underWay > MOST_WAITING) {
      throw new IntercomError('rate_limited', 'Too many transactions wait to be tried.', {
        next: 'Wait a moment, then try again.'
      })
    }
    const waiting: Waiting = { input, rules, store, verdict: deferred<Verdict>() }
    this.#queue.push(waiting)
    this.#give()
    return waiting.verdict.promise
  }

  protected override async _close(): Promise<void> {
    for (const { verdict } of this.#queue.splice(0)) verdict.reject(closed())
    await this.#worker?.end(closed())
    this.#stopIdling()
  }

  /** The process need not wait for the next one while the answer to the one before is on its way. */
  #give(): void {
    this.#stopIdling()
    while (this.#underWay < MOST_UNDER_WAY) {
      const next = this.#queue.shift()
      if (next === undefined) return
      this.#underWay++
      void this.#try(next)
    }
  }

  async #try(job: Waiting): Promise<void> {
    try {
      job.verdict.resolve(await this.#verdict(job))
    } catch (error) {
      job.verdict.reject(error)
    }
    this.#underWay--
    this.#give()
    if (this.#underWay > 0 || this.closing !== null) return
    this.#idle = setTimeout(() => void this.#worker?.end(unused()), this.#idleMs)
    this.#idle.unref()
  }

  async #verdict(job: Job): Promise<Verdict> {
    for (;;) {
      if (this.closing !== null) throw closed()
      const isNew = this.#worker === null || this.#worker.gone
      if (isNew) this.#worker = this.#start()
      try {
        return await (this.#worker as WorkerProcess).run(job)
      } catch (error) {
        if (!(error instanceof NotBegun)) throw error
        // The first one of a process finds out whether it is of any use.
        if (isNew) throw error.cause
        // What went wrong was another run, or something it left behind: this one is not to blame.
        this.#log.debug('another process for the contract', { error: messageOf(error) })
      }
    }
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
