import { type Deferred, deferred } from '../../../src/base/deferred.ts'
import { type ErrorCode, IntercomError, messageOf } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import type { Log } from '../../../src/base/log.ts'
import type { Session } from '../../../src/network/protocols.ts'
import type { Recorded } from '../transactions/ledger.ts'
import type { Transaction } from '../transactions/transaction.ts'
import type { Pending } from './pending.ts'
import { type Ending, type Line, type RelayTimes, TIMES } from './sender.ts'

const DAY_MS = 24 * 3600 * 1000
/** Neighbours may have become writers meanwhile. */
const AGAIN_MS = 30_000
/** What this peer itself has found out is final; the word of a neighbour is not. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'contract_too_slow',
  'contract_crashed',
  'contract_differs',
  'subnet_refused'
])

export interface RelayQueueOptions {
  readonly pending: Pending
  /** Whether transactions are taken at all, as things are. */
  readonly isEnabled: () => Promise<boolean>
  readonly isWritable: () => boolean
  /** Throws where the contract does not come to an end. */
  readonly check: (transaction: Transaction) => Promise<void>
  readonly find: (tx: Hex32) => Promise<Recorded | null>
  /** Into this peer's own log. */
  readonly append: (transaction: Transaction) => Promise<Recorded>
  readonly sender: {
    readonly candidates: readonly Session[]
    hasRefused(session: Session, tx: Hex32): boolean
    run(session: Session, line: Line): Promise<Ending>
  }
  readonly log: Log
  readonly now: () => number
  readonly times?: Partial<RelayTimes>
}

interface Waiting {
  readonly transaction: Transaction
  readonly at: number
  /** In the line of all that this process had. */
  readonly place: number
  /** Good, and not in the log, when it was looked at last. */
  isChecked: boolean
  /** What became of it; null when nobody has taken it for now. */
  readonly done: Deferred<Recorded | null>
}

/**
 * All transactions of this peer that it cannot write itself, in one line: whoever takes them takes them in the order
 * in which they came. One neighbour at a time has them; what it did not take goes to the next one, and all behind it.
 * They are sent again and again until they are in the log. What no neighbour takes holds up nobody.
 */
export class RelayQueue {
  readonly #options: RelayQueueOptions
  readonly #times: RelayTimes
  readonly #line = new Map<Hex32, Waiting>()
  #places = 0
  /** Of the last one that is in the log. */
  #recordedPlace = 0
  #recordedAt = 0
  #running: Promise<void> | null = null
  #again = false
  #timer: ReturnType<typeof setTimeout> | null = null
  readonly #naps = new Set<() => void>()
  #closed = false

  constructor(options: RelayQueueOptions) {
    this.#options = options
    this.#times = { ...TIMES, ...options.times }
  }

  get isEmpty(): boolean {
    return this.#options.pending.size === 0
  }

  /** Takes up what an earlier run kept. */
  open(subnet: Hex32): void {
    const { pending, log } = this.#options
    const useless = pending.open(subnet)
    for (const { transaction, at } of pending.all()) this.#enter(transaction, at, false)
    if (useless > 0) log.warn('what is no transaction is left out of those that wait', { entries: useless })
    if (pending.size > 0) log.info('transactions wait for a writer', { transactions: pending.size })
  }

  /** To be called with what was tried. Null: it outlives this process, and is sent again. */
  async hand(transaction: Transaction): Promise<Recorded | null> {
    const at = this.#options.now()
    // Before anybody has it: a process that ends now neither loses it nor has its user make another one.
    await this.#options.pending.add(transaction, at)
    if (this.#closed) return null
    const { done } = this.#line.get(transaction.tx) ?? this.#enter(transaction, at, true)
    this.resend()
    const timer = setTimeout(() => done.resolve(null), this.#times.whole)
    try {
      return await done.promise
    } finally {
      clearTimeout(timer)
    }
  }

  /** To be called whenever it may have become of use. */
  resend(): void {
    if (this.#closed || this.#line.size === 0) return
    this.#again = true
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is being sent. */
  async idle(): Promise<void> {
    await this.#running
  }

  /** One of this peer is in the log: all that it sends from now on comes after that. */
  follow(tx: Hex32): void {
    this.#follow(tx, ++this.#places)
  }

  /** It is in the log, whoever brought it there. */
  handleRecorded(tx: Hex32, recorded: Recorded): void {
    const waiting = this.#line.get(tx)
    if (waiting === undefined) return
    this.#follow(tx, waiting.place)
    this.#recordedAt = this.#options.now()
    waiting.done.resolve(recorded)
    void this.#drop(waiting)
  }

  /** What was not taken is kept. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    for (const wake of [...this.#naps]) wake()
    this.#tellWaiting()
    await this.idle()
    await this.#options.pending.flushed()
  }

  #enter(transaction: Transaction, at: number, isChecked: boolean): Waiting {
    const place = ++this.#places
    const waiting = { transaction, at, place, isChecked, done: deferred<Recorded | null>() }
    this.#line.set(transaction.tx, waiting)
    return waiting
  }

  #follow(tx: Hex32, place: number): void {
    if (place < this.#recordedPlace) return
    this.#recordedPlace = place
    this.#options.pending.after = tx
  }

  async #run(): Promise<void> {
    try {
      while (this.#again && !this.#closed) {
        this.#again = false
        await this.#pass()
      }
    } catch (error) {
      if (!this.#closed) this.#options.log.warn('cannot send transactions again', { error: messageOf(error) })
    }
    this.#running = null
    this.#tellWaiting()
    this.#runLater()
  }

  /** Until all are in the log, or nobody is there who takes one. */
  async #pass(): Promise<void> {
    const { isEnabled, isWritable, sender } = this.#options
    const failed = new Set<Session>()
    let mayAppend = true
    this.#recordedAt = this.#options.now()
    while (!this.#closed && this.#line.size > 0 && (await isEnabled())) {
      if (mayAppend && isWritable()) {
        mayAppend = await this.#appendAll()
        continue
      }
      const session = this.#choose(failed)
      if (session === null) return
      const ending = await sender.run(session, this.#lineFor(session, failed))
      if (ending === 'busy' && this.#options.now() < this.#recordedAt + this.#times.whole) await this.#nap()
      else if (ending === 'busy' || ending === 'failed') failed.add(session)
    }
  }

  /** In order, and as few batches as can be. Whether it may still write. */
  async #appendAll(): Promise<boolean> {
    const appending: Promise<boolean>[] = []
    for (const waiting of [...this.#line.values()])
      if (await this.#isDue(waiting)) appending.push(this.#append(waiting))
    return (await Promise.all(appending)).every((written) => written)
  }

  async #append(waiting: Waiting): Promise<boolean> {
    const { transaction } = waiting
    try {
      this.handleRecorded(transaction.tx, await this.#options.append(transaction))
      return true
    } catch (error) {
      if (error instanceof IntercomError && error.code === 'not_writable') return false
      await this.#dropFinal(waiting, error)
      return true
    }
  }

  /** Somebody who may take the first that is not refused by all. */
  #choose(failed: ReadonlySet<Session>): Session | null {
    const sessions = this.#sessions(failed)
    for (const { transaction, done } of this.#line.values()) {
      const session = sessions.find((one) => !this.#options.sender.hasRefused(one, transaction.tx))
      if (session !== undefined) return session
      done.resolve(null)
    }
    return null
  }

  #sessions(failed: ReadonlySet<Session>): readonly Session[] {
    return this.#options.sender.candidates.filter((session) => session.open && !failed.has(session))
  }

  #lineFor(session: Session, failed: ReadonlySet<Session>): Line {
    const { sender, pending, find } = this.#options
    const refusedBy = (one: Session, { transaction }: Waiting) => sender.hasRefused(one, transaction.tx)
    let last = 0
    const next = async (): Promise<Transaction | null> => {
      for (const waiting of this.#line.values()) {
        if (waiting.place <= last) continue
        if (refusedBy(session, waiting)) {
          if (this.#sessions(failed).every((one) => refusedBy(one, waiting))) continue
          // Somebody else has to take it before those behind it.
          return null
        }
        last = waiting.place
        if (await this.#isDue(waiting)) return waiting.transaction
      }
      return null
    }
    return {
      next,
      async after() {
        const { after } = pending
        // What was taken back comes before nothing.
        return after === null || (await find(after)) === null ? null : after
      },
      handleRecorded: (tx, recorded) => this.handleRecorded(tx, recorded)
    }
  }

  /** Whether it is still to be sent. */
  async #isDue(waiting: Waiting): Promise<boolean> {
    const { find, check, now } = this.#options
    const { transaction, at, isChecked } = waiting
    if (this.#closed || !this.#line.has(transaction.tx)) return false
    if (isChecked) return true
    const recorded = await find(transaction.tx)
    if (recorded !== null) this.handleRecorded(transaction.tx, recorded)
    else if (now() - at > DAY_MS) await this.#drop(waiting, 'no writer has taken it for a day')
    else {
      try {
        await check(transaction)
        waiting.isChecked = true
        return true
      } catch (error) {
        await this.#dropFinal(waiting, error)
      }
    }
    return false
  }

  async #dropFinal(waiting: Waiting, error: unknown): Promise<void> {
    if (!(error instanceof IntercomError) || !FINAL.has(error.code)) throw error
    waiting.done.reject(error)
    await this.#drop(waiting, error.message)
  }

  async #drop({ transaction: { tx } }: Waiting, why: string | null = null): Promise<void> {
    const { pending, log } = this.#options
    this.#line.delete(tx)
    if (why !== null) log.warn('a transaction is not sent any more', { tx, reason: why })
    try {
      await pending.remove(tx)
    } catch (error) {
      // At worst it is sent once more, and counts once.
      log.error('cannot forget a transaction', { tx, error: messageOf(error) })
    }
  }

  /** It is sent again later, and looked at again before. */
  #tellWaiting(): void {
    for (const waiting of this.#line.values()) {
      waiting.isChecked = false
      waiting.done.resolve(null)
    }
  }

  #runLater(): void {
    if (this.#timer !== null || this.#closed || this.#line.size === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.resend()
    }, AGAIN_MS)
  }

  #nap(): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.#naps.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, this.#times.again)
      this.#naps.add(wake)
    })
  }
}
