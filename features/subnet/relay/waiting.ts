import { type Deferred, deferred } from '../../../src/base/deferred.ts'
import { type ErrorCode, type IntercomError, messageOf, toIntercomError } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import type { Log } from '../../../src/base/log.ts'
import type { Recorded } from '../transactions/ledger.ts'
import type { Transaction } from '../transactions/transaction.ts'
import type { Pending } from './pending.ts'

/** What this peer's own trial has found out is final; all else passes. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['contract_too_slow', 'contract_crashed', 'contract_differs'])

export interface Waiting {
  readonly transaction: Transaction
  /** In the line of all that this process had. */
  readonly place: number
  /** Good, and not in the log, when it was looked at last. */
  isChecked: boolean
  /** What became of it; null when nobody has taken it for now. */
  readonly done: Deferred<Recorded | null>
}

export interface WaitingLineOptions {
  readonly pending: Pending
  /** Throws where the contract does not come to an end. */
  readonly check: (transaction: Transaction) => Promise<void>
  readonly find: (tx: Hex32) => Promise<Recorded | null>
  readonly log: Log
  /** In milliseconds, of a clock that nobody sets. */
  readonly now: () => number
}

/** The transactions that wait for a writer, in the order in which they came, and what the first of them comes after. */
export class WaitingLine {
  readonly #options: WaitingLineOptions
  readonly #waiting = new Map<Hex32, Waiting>()
  #places = 0
  /** Of the last one that is in the log. */
  #recordedPlace = 0
  #recordedAt = 0

  constructor(options: WaitingLineOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#waiting.size
  }

  /** When one of them was found in the log. */
  get recordedAt(): number {
    return this.#recordedAt
  }

  /** What comes while it is gone through comes last. */
  values(): IterableIterator<Waiting> {
    return this.#waiting.values()
  }

  /** Takes up what an earlier run kept. */
  open(subnet: Hex32): void {
    const { pending, log } = this.#options
    const useless = pending.open(subnet)
    for (const transaction of pending.all()) this.#enter(transaction, false)
    if (useless > 0) log.warn('what is no transaction is left out of those that wait', { entries: useless })
    if (pending.size > 0) log.info('transactions wait for a writer', { transactions: pending.size })
  }

  /** To be called with what was tried, and is on the disk. */
  add(transaction: Transaction): Waiting {
    return this.#waiting.get(transaction.tx) ?? this.#enter(transaction, true)
  }

  /** Of what is in the log of all that came before those that wait. */
  async after(): Promise<Hex32 | null> {
    const { pending, find } = this.#options
    const { after } = pending
    // Nobody has what was taken back.
    return after === null || (await find(after)) === null ? null : after
  }

  /** One of this peer is in the log that did not wait. */
  follow(tx: Hex32): void {
    this.#follow(tx, ++this.#places)
  }

  handleRecorded(tx: Hex32, recorded: Recorded): void {
    const waiting = this.#waiting.get(tx)
    if (waiting === undefined) return
    this.#follow(tx, waiting.place)
    this.#recordedAt = this.#options.now()
    waiting.done.resolve(recorded)
    void this.#drop(waiting)
  }

  /** Whether it is still to be sent; else it is gone. */
  async isDue(waiting: Waiting): Promise<boolean> {
    const { find, check } = this.#options
    const { transaction, isChecked } = waiting
    if (!this.#waiting.has(transaction.tx)) return false
    if (isChecked) return true
    const recorded = await find(transaction.tx)
    if (recorded !== null) this.handleRecorded(transaction.tx, recorded)
    else {
      try {
        await check(transaction)
        waiting.isChecked = true
        return true
      } catch (error) {
        const found = toIntercomError(error)
        if (!FINAL.has(found.code)) throw error
        await this.refuse(waiting, found)
      }
    }
    return false
  }

  /** It is of no use, for good. */
  async refuse(waiting: Waiting, error: IntercomError): Promise<void> {
    waiting.done.reject(error)
    await this.#drop(waiting, error.message)
  }

  /** Nobody has taken those that are left: they are looked at again before they are sent again. */
  giveUp(): void {
    for (const waiting of this.#waiting.values()) {
      waiting.isChecked = false
      waiting.done.resolve(null)
    }
  }

  #enter(transaction: Transaction, isChecked: boolean): Waiting {
    const place = ++this.#places
    const waiting = { transaction, place, isChecked, done: deferred<Recorded | null>() }
    this.#waiting.set(transaction.tx, waiting)
    return waiting
  }

  #follow(tx: Hex32, place: number): void {
    if (place < this.#recordedPlace) return
    this.#recordedPlace = place
    this.#options.pending.after = tx
  }

  async #drop({ transaction: { tx } }: Waiting, why: string | null = null): Promise<void> {
    const { pending, log } = this.#options
    this.#waiting.delete(tx)
    if (why !== null) log.warn('a transaction is not sent any more', { tx, reason: why })
    try {
      await pending.remove(tx)
    } catch (error) {
      // At worst it is sent once more, and counts once.
      log.error('cannot forget a transaction', { tx, error: messageOf(error) })
    }
  }
}
