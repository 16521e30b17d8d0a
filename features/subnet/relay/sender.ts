import { type Deferred, deferred } from '../../../src/base/deferred.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import type { Log } from '../../../src/base/log.ts'
import type { Session } from '../../../src/network/protocols.ts'
import type { MemberMessage } from '../members/messages.ts'
import type { Recorded } from '../transactions/ledger.ts'
import type { Transaction } from '../transactions/transaction.ts'
import { encodeRequest, isFinal, readReply } from './messages.ts'

/** In milliseconds. */
export interface RelayTimes {
  /** For one answer: a writer tries the contract first. */
  readonly answer: number
  /** For all neighbours together. */
  readonly whole: number
  /** Before a neighbour that had enough is asked again. */
  readonly again: number
}

const TIMES: RelayTimes = { answer: 5000, whole: 15_000, again: 300 }

/** Remembered of one neighbour. */
const MOST_REFUSED = 1000

interface Asked {
  readonly session: Session
  readonly tx: Hex32
  /** The error code, or null. */
  readonly reply: Deferred<string | null>
}

export interface RelaySenderOptions {
  readonly sessions: () => readonly Session[]
  /** Resolves with what became of it when it is in the log here; null when it does not come in time. */
  readonly arrival: (tx: Hex32) => Promise<Recorded | null>
  readonly log: Log
  readonly now: () => number
  readonly times?: Partial<RelayTimes>
}

/** Hands transactions to neighbours who may write, one neighbour after the other until one has taken it. */
export class RelaySender {
  readonly #options: RelaySenderOptions
  readonly #times: RelayTimes
  readonly #asked = new Map<number, Asked>()
  /** What each of them will not take. */
  readonly #refused = new WeakMap<Session, Set<Hex32>>()
  /** Who took the last one is asked first. */
  readonly #takers = new WeakSet<Session>()
  readonly #sleeps = new Set<() => void>()
  #lastId = 0
  #closed = false

  constructor(options: RelaySenderOptions) {
    this.#options = options
    this.#times = { ...TIMES, ...options.times }
  }

  /** What became of it in the log, or why it did not get there as far as is known. */
  async send(transaction: Transaction): Promise<Recorded | 'refused' | 'nobody'> {
    const until = this.#options.now() + this.#times.whole
    const { tx } = transaction
    for (const session of this.#candidates(tx)) {
      const recorded = await this.#offer(session, transaction, until)
      if (recorded !== null) return recorded
      if (this.#closed || this.#options.now() >= until) break
    }
    return this.#options.sessions().some((session) => this.#refusedBy(session, tx)) ? 'refused' : 'nobody'
  }

  handleReply(message: MemberMessage, session: Session): void {
    const reply = readReply(message)
    const asked = reply === null ? undefined : this.#asked.get(reply.id)
    if (reply !== null && asked?.session === session && asked.tx === reply.tx)
      asked.reply.resolve(reply.error)
  }

  handleClose(session: Session): void {
    for (const asked of this.#asked.values()) if (asked.session === session) asked.reply.resolve('closed')
  }

  close(): void {
    this.#closed = true
    for (const { reply } of this.#asked.values()) reply.resolve('closed')
    for (const wake of [...this.#sleeps]) wake()
  }

  #candidates(tx: Hex32): Session[] {
    const open = this.#options.sessions().filter((session) => !this.#refusedBy(session, tx))
    const takers = open.filter((session) => this.#takers.has(session))
    return [...takers, ...open.filter((session) => !this.#takers.has(session))]
  }

  #refusedBy(session: Session, tx: Hex32): boolean {
    return this.#refused.get(session)?.has(tx) === true
  }

  async #offer(session: Session, transaction: Transaction, until: number): Promise<Recorded | null> {
    const { tx } = transaction
    for (;;) {
      const error = await this.#ask(session, transaction)
      if (error === null) {
        // A neighbour can say what it likes: only the log proves it.
        const recorded = await this.#options.arrival(tx)
        if (recorded !== null) this.#takers.add(session)
        else this.#handleRefusal(session, tx, 'it was said to be in the log, and did not come')
        return recorded
      }
      if (error !== 'rate_limited' || this.#options.now() >= until || this.#closed) {
        this.#takers.delete(session)
        if (isFinal(error)) this.#handleRefusal(session, tx, error)
        return null
      }
      await this.#sleep(this.#times.again)
    }
  }

  #handleRefusal(session: Session, tx: Hex32, reason: string): void {
    if (this.#closed) return
    this.#takers.delete(session)
    const refused = this.#refused.get(session) ?? new Set()
    if (refused.size >= MOST_REFUSED) refused.clear()
    this.#refused.set(session, refused.add(tx))
    const { key } = session.neighbour
    this.#options.log.warn('a neighbour did not take a transaction', { tx, neighbour: key, reason })
  }

  /** Its error code; null when it says that it has done it. */
  async #ask(session: Session, transaction: Transaction): Promise<string | null> {
    if (this.#closed || !session.open) return 'closed'
    const id = ++this.#lastId
    const reply = deferred<string | null>()
    const timer = setTimeout(() => reply.resolve('timed_out'), this.#times.answer)
    this.#asked.set(id, { session, tx: transaction.tx, reply })
    try {
      session.send(encodeRequest(id, transaction))
      return await reply.promise
    } finally {
      clearTimeout(timer)
      this.#asked.delete(id)
    }
  }

  #sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer)
        this.#sleeps.delete(wake)
        resolve()
      }
      const timer = setTimeout(wake, milliseconds)
      this.#sleeps.add(wake)
    })
  }
}
