import { type ErrorCode, IntercomError, messageOf } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import type { Log } from '../../../src/base/log.ts'
import type { Recorded } from '../transactions/ledger.ts'
import type { Transaction } from '../transactions/transaction.ts'
import type { Pending, PendingTransaction } from './pending.ts'

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

export interface ResenderOptions {
  readonly pending: Pending
  /** Whether transactions are taken at all, as things are. */
  readonly isEnabled: () => Promise<boolean>
  /** Throws where the contract does not come to an end. */
  readonly check: (transaction: Transaction) => Promise<void>
  readonly find: (tx: Hex32) => Promise<Recorded | null>
  readonly send: (transaction: Transaction) => Promise<Recorded | 'refused' | 'nobody'>
  readonly log: Log
  readonly now: () => number
}

/** Sends what no writer has taken yet again and again, until it is in the log. */
export class Resender {
  readonly #options: ResenderOptions
  #running: Promise<void> | null = null
  #timer: ReturnType<typeof setTimeout> | null = null

  #closed = false

  constructor(options: ResenderOptions) {
    this.#options = options
  }

  /** Takes up what an earlier run kept. */
  open(subnet: Hex32): void {
    const { pending, log } = this.#options
    const useless = pending.open(subnet)
    if (useless > 0) log.warn('what is no transaction is left out of those that wait', { entries: useless })
    if (pending.size > 0) log.info('transactions wait for a writer', { transactions: pending.size })
  }

  /** Resolves once the transaction outlives this process. */
  async keep(transaction: Transaction): Promise<void> {
    await this.#options.pending.add(transaction, this.#options.now())
    this.#runLater()
  }

  /** To be called whenever it may have become of use. */
  resend(): void {
    if (this.#closed || this.#options.pending.size === 0) return
    this.#running ??= this.#run()
  }

  /** Resolves when nothing is being sent again. */
  async idle(): Promise<void> {
    await this.#running
  }

  /** It is in the log: nothing is left to be done. */
  handleRecorded(tx: Hex32): void {
    if (this.#options.pending.has(tx)) void this.#drop(tx)
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.idle()
    await this.#options.pending.flushed()
  }

  async #run(): Promise<void> {
    const { pending, isEnabled, log } = this.#options
    try {
      if (await isEnabled()) {
        for (const entry of pending.all()) {
          if (pending.has(entry.transaction.tx) && !(await this.#try(entry))) break
        }
      }
    } catch (error) {
      if (!this.#closed) log.warn('cannot send transactions again', { error: messageOf(error) })
    }
    this.#running = null
    this.#runLater()
  }

  /** Whether it is of use to go on with the next one. */
  async #try({ transaction, at }: PendingTransaction): Promise<boolean> {
    const { find, send, check, now } = this.#options
    const { tx } = transaction
    if (this.#closed) return false
    if ((await find(tx)) !== null) await this.#drop(tx)
    else if (now() - at > DAY_MS) await this.#drop(tx, 'no writer has taken it for a day')
    else {
      try {
        await check(transaction)
        const sent = await send(transaction)
        if (typeof sent === 'object') await this.#drop(tx)
        return sent !== 'nobody'
      } catch (error) {
        if (!(error instanceof IntercomError) || !FINAL.has(error.code)) throw error
        await this.#drop(tx, error.message)
      }
    }
    return true
  }

  async #drop(tx: Hex32, why: string | null = null): Promise<void> {
    const { pending, log } = this.#options
    if (why !== null) log.warn('a transaction is not sent any more', { tx, reason: why })
    try {
      await pending.remove(tx)
    } catch (error) {
      // At worst it is sent once more, and counts once.
      log.error('cannot forget a transaction', { tx, error: messageOf(error) })
    }
  }

  #runLater(): void {
    if (this.#timer !== null || this.#closed || this.#options.pending.size === 0) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.resend()
    }, AGAIN_MS)
  }
}
