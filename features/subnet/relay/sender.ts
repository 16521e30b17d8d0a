import { type Deferred, deferred } from '../../../src/base/deferred.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import type { Log } from '../../../src/base/log.ts'
import type { Session } from '../../../src/network/protocols.ts'
import type { MemberMessage } from '../members/messages.ts'
import type { Recorded } from '../transactions/ledger.ts'
import type { Transaction } from '../transactions/transaction.ts'
import { encodeRequest, isBusy, isFinal, MOST_UNDER_WAY, readReply } from './messages.ts'

/** In milliseconds. */
export interface RelayTimes {
  /** For one answer: a writer tries the contract first. */
  readonly answer: number
  /** For whoever waits for a transaction, and for a neighbour that has enough. */
  readonly whole: number
  /** Before a neighbour that had enough is asked again. */
  readonly again: number
}

export const TIMES: RelayTimes = { answer: 5000, whole: 15_000, again: 300 }

/** Remembered of one neighbour. */
const MOST_REFUSED = 1000

/** What a neighbour is given, in order. */
export interface Line {
  /** The next one, or null where there is none for this neighbour. */
  next(): Promise<Transaction | null>
  /** What is in the log of all that came before the next one. */
  after(): Promise<Hex32 | null>
  handleRecorded(tx: Hex32, recorded: Recorded): void
}

/** `done`: it has all that there was for it. `busy`: it had enough for now. */
export type Ending = 'done' | 'busy' | 'refused' | 'failed'

interface Asked {
  readonly id: number
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
  readonly times?: Partial<RelayTimes>
}

/**
 * Hands transactions to a neighbour who may write, several at a time. Each names the one it comes after, and who
 * relays takes it after that one only: so what fails takes with it all that was sent behind it, and their order
 * holds whoever takes them in the end.
 */
export class RelaySender {
  readonly #options: RelaySenderOptions
  readonly #times: RelayTimes
  readonly #asked = new Map<number, Asked>()
  /** What each of them will not take. */
  readonly #refused = new WeakMap<Session, Set<Hex32>>()
  /** How many those who took the last ones are given at a time. */
  readonly #widths = new WeakMap<Session, number>()
  /** Who was waited for in vain last. */
  readonly #silent = new WeakSet<Session>()
  #lastId = 0
  #closed = false

  constructor(options: RelaySenderOptions) {
    this.#options = options
    this.#times = { ...TIMES, ...options.times }
  }

  /** Who took the last ones comes first, who was waited for in vain last. */
  get candidates(): Session[] {
    const rank = (session: Session) => (this.#widths.has(session) ? 0 : this.#silent.has(session) ? 2 : 1)
    return this.#options.sessions().toSorted((a, b) => rank(a) - rank(b))
  }

  hasRefused(session: Session, tx: Hex32): boolean {
    return this.#refused.get(session)?.has(tx) === true
  }

  /** Until it has them all, or does not take one: then those behind it are not taken either. */
  async run(session: Session, line: Line): Promise<Ending> {
    const asked: Asked[] = []
    try {
      for (;;) {
        await this.#fill(asked, session, line)
        const [first] = asked
        if (first === undefined) return 'done'
        const error = await this.#answer(first)
        if (error !== null) return this.#handleError(first, error)
        // A neighbour can say what it likes: only the log proves it.
        const recorded = await this.#options.arrival(first.tx)
        if (recorded === null) {
          this.#silent.add(session)
          return this.#handleRefusal(first, 'it was said to be in the log, and did not come')
        }
        this.#widths.set(session, Math.min(this.#width(session) + 1, MOST_UNDER_WAY))
        line.handleRecorded(first.tx, recorded)
        asked.shift()
      }
    } finally {
      for (const { id } of asked) this.#asked.delete(id)
    }
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
  }

  /** One at first: most neighbours may not write. */
  #width(session: Session): number {
    return this.#widths.get(session) ?? 1
  }

  async #fill(asked: Asked[], session: Session, line: Line): Promise<void> {
    while (asked.length < this.#width(session)) {
      const transaction = await line.next()
      if (transaction === null) return
      asked.push(this.#ask(session, transaction, asked.at(-1)?.tx ?? (await line.after())))
    }
  }

  #ask(session: Session, transaction: Transaction, after: Hex32 | null): Asked {
    const asked = { id: ++this.#lastId, session, tx: transaction.tx, reply: deferred<string | null>() }
    this.#asked.set(asked.id, asked)
    if (this.#closed || !session.open) asked.reply.resolve('closed')
    else session.send(encodeRequest(asked.id, transaction, after))
    return asked
  }

  /** Its error code; null when it says that it has done it. Counted from when all before it are done. */
  async #answer({ id, reply }: Asked): Promise<string | null> {
    const timer = setTimeout(() => reply.resolve('timed_out'), this.#times.answer)
    try {
      return await reply.promise
    } finally {
      clearTimeout(timer)
      this.#asked.delete(id)
    }
  }

  #handleError(asked: Asked, error: string): Ending {
    if (error === 'timed_out') this.#silent.add(asked.session)
    else this.#silent.delete(asked.session)
    if (isFinal(error)) return this.#handleRefusal(asked, error)
    if (isBusy(error)) {
      if (this.#widths.has(asked.session)) this.#widths.set(asked.session, 1)
      return 'busy'
    }
    this.#widths.delete(asked.session)
    return 'failed'
  }

  #handleRefusal({ session, tx }: Asked, reason: string): Ending {
    if (this.#closed) return 'failed'
    this.#widths.delete(session)
    const refused = this.#refused.get(session) ?? new Set()
    if (refused.size >= MOST_REFUSED) refused.clear()
    this.#refused.set(session, refused.add(tx))
    const { key } = session.neighbour
    this.#options.log.warn('a neighbour did not take a transaction', { tx, neighbour: key, reason })
    return 'refused'
  }
}
