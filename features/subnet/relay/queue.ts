import { messageOf, toIntercomError } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import type { Session } from '../../../src/network/protocols.ts'
import type { Recorded } from '../transactions/ledger.ts'
import type { Transaction } from '../transactions/transaction.ts'
import { type Ending, type Line, type RelayTimes, TIMES } from './sender.ts'
import { type Waiting, WaitingLine, type WaitingLineOptions } from './waiting.ts'

/** Neighbours may have become writers meanwhile. */
const AGAIN_MS = 30_000

export interface RelayQueueOptions extends WaitingLineOptions {
  /** Whether transactions are taken at all, as things are. */
  readonly isEnabled: () => Promise<boolean>
  readonly isWritable: () => boolean
  /** Into this peer's own log. */
  readonly append: (transaction: Transaction) => Promise<Recorded>
  readonly sender: {
    readonly candidates: readonly Session[]
    hasRefused(session: Session, tx: Hex32): boolean
    run(session: Session, line: Line): Promise<Ending>
  }
  readonly times?: Partial<RelayTimes>
}

/**
 * All transactions of this peer that it cannot write itself, in one line: whoever takes them takes them in the order
 * in which they came. One neighbour at a time has them; what it did not take goes to the next one, and all behind it.
 * They are sent again and again until they are in the log. What no neighbour takes holds up nobody.
 */
export class RelayQueue {
  readonly #options: RelayQueueOptions
  readonly #times: RelayTimes
  readonly #line: WaitingLine
  #running: Promise<void> | null = null
  #again = false
  #timer: ReturnType<typeof setTimeout> | null = null
  #wake: () => void = () => {}
  #closed = false

  constructor(options: RelayQueueOptions) {
    this.#options = options
    this.#times = { ...TIMES, ...options.times }
    this.#line = new WaitingLine(options)
  }

  get isEmpty(): boolean {
    return this.#options.pending.size === 0
  }

  /** Takes up what an earlier run kept. */
  open(subnet: Hex32): void {
    this.#line.open(subnet)
  }

  /** To be called with what was tried. Null: it outlives this process, and is sent again. */
  async hand(transaction: Transaction): Promise<Recorded | null> {
    // Before anybody has it: a process that ends now neither loses it nor has its user make another one.
    await this.#options.pending.add(transaction)
    if (this.#closed) return null
    const { done } = this.#line.add(transaction)
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
    this.#line.follow(tx)
  }

  /** It is in the log, whoever brought it there. */
  handleRecorded(tx: Hex32, recorded: Recorded): void {
    this.#line.handleRecorded(tx, recorded)
  }

  /** What was not taken is kept. */
  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#wake()
    this.#line.giveUp()
    await this.idle()
    await this.#options.pending.flushed()
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false
      try {
        await this.#pass()
      } catch (error) {
        if (!this.#closed)
          this.#options.log.warn('cannot send transactions again', { error: messageOf(error) })
      }
    }
    this.#running = null
    this.#line.giveUp()
    this.#runLater()
  }

  /** Until all are in the log, or nobody is there who takes one. */
  async #pass(): Promise<void> {
    const { isEnabled, isWritable, sender, now } = this.#options
    const failed = new Set<Session>()
    const begun = now()
    let mayAppend = true
    while (!this.#closed && this.#line.size > 0 && (await isEnabled())) {
      if (mayAppend && isWritable()) {
        mayAppend = await this.#appendAll()
        continue
      }
      const session = this.#choose(failed)
      if (session === null) return
      const ending = await sender.run(session, this.#lineFor(session))
      const patience = Math.max(begun, this.#line.recordedAt) + this.#times.whole
      if (ending === 'busy' && now() < patience) await this.#nap()
      else if (ending === 'busy' || ending === 'failed') failed.add(session)
    }
  }

  /** In order, and as few batches as can be. Whether it may still write. */
  async #appendAll(): Promise<boolean> {
    const due: Waiting[] = []
    for (const waiting of [...this.#line.values()])
      if (!this.#closed && (await this.#line.isDue(waiting))) due.push(waiting)
    const written = await Promise.all(due.map((waiting) => this.#append(waiting)))
    return written.every((isWritten) => isWritten)
  }

  async #append(waiting: Waiting): Promise<boolean> {
    const { transaction } = waiting
    try {
      this.handleRecorded(transaction.tx, await this.#options.append(transaction))
      return true
    } catch (error) {
      const refusal = toIntercomError(error)
      if (refusal.code === 'not_writable' || refusal.code === 'tx_disabled') return false
      if (refusal.code !== 'subnet_refused') throw error
      await this.#line.refuse(waiting, refusal)
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

  /** From the first that it was chosen for: of those before it, it has refused all. */
  #lineFor(session: Session): Line {
    let last = 0
    const next = async (): Promise<Transaction | null> => {
      for (const waiting of this.#line.values()) {
        if (this.#closed) return null
        const { place, transaction } = waiting
        if (place <= last || this.#options.sender.hasRefused(session, transaction.tx)) continue
        last = place
        if (await this.#line.isDue(waiting)) return transaction
      }
      return null
    }
    return {
      next,
      after: () => this.#line.after(),
      handleRecorded: (tx, recorded) => this.handleRecorded(tx, recorded)
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
      const timer = setTimeout(resolve, this.#times.again)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
