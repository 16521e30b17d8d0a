import { TokenBucket } from '../../../src/base/bucket.ts'
import { type ErrorCode, toIntercomError } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import type { Log } from '../../../src/base/log.ts'
import type { Session } from '../../../src/network/protocols.ts'
import type { MemberMessage } from '../members/messages.ts'
import { bytesOf, type Transaction } from '../transactions/transaction.ts'
import {
  encodeReply,
  MOST_UNDER_WAY,
  PREDECESSOR_MISSING,
  type RelayRequest,
  readRequest
} from './messages.ts'

/** Each becomes a block of the log, for ever: those of one neighbour, and those of all. */
const BUDGETS = { one: { perSecond: 10, burst: 100 }, all: { perSecond: 50, burst: 500 } } as const
const MOST_NEIGHBOURS = 1024
/** Of all that waits here, whoever sent it. Half of it is for neighbours of whom nothing waits yet. */
export const MOST_WAITING_BYTES: number = 2 * 1024 * 1024
/** How long nothing is taken from whoever sent one that the contract does not come to an end with. */
const BLOCKED_MS = 60_000
const HARMFUL: ReadonlySet<ErrorCode> = new Set(['contract_too_slow', 'contract_crashed'])

interface Account {
  readonly bucket: TokenBucket
  /** One of its transactions is looked at at a time. */
  last: Promise<void>
  /** What was looked at last. */
  latest: { readonly tx: Hex32; readonly isTaken: boolean } | null
  underWay: number
  blockedUntil: number
}

/** What is kept of a request while it waits for its turn: of nonsense nothing. */
interface Waiting {
  readonly tx: Hex32
  readonly after: Hex32 | null
  /** Or why it is not taken. */
  readonly transaction: Transaction | string
  readonly bytes: number
}

/** Why it is not taken, or what has to be appended; neither where it is in the log already. */
interface Look {
  readonly refusal: string | null
  readonly missing: Transaction | null
}

const RECORDED: Look = { refusal: null, missing: null }

export interface RelayReceiverOptions {
  readonly isWritable: () => boolean
  /** Null for what is no transaction of this subnet, or too large. */
  readonly read: (value: unknown) => Transaction | null
  readonly isRecorded: (tx: Hex32) => Promise<boolean>
  /** Whether it is in the state, or comes soon. */
  readonly arrives: (tx: Hex32) => Promise<boolean>
  /** Throws where the contract does not come to an end. */
  readonly check: (transaction: Transaction) => Promise<void>
  readonly append: (transaction: Transaction) => Promise<unknown>
  readonly log: Log
  /** In milliseconds, of a clock that nobody sets. */
  readonly now: () => number
}

/** Puts transactions of others into the log, for neighbours who may not write. */
export class RelayReceiver {
  readonly #options: RelayReceiverOptions
  readonly #accounts = new Map<Hex32, Account>()
  readonly #all: TokenBucket
  #waitingBytes = 0

  constructor(options: RelayReceiverOptions) {
    this.#options = options
    this.#all = new TokenBucket(BUDGETS.all.perSecond, BUDGETS.all.burst, options.now())
  }

  handle(message: MemberMessage, session: Session): void {
    const request = readRequest(message)
    if (request === null) return
    const { id, tx } = request
    const { key } = session.neighbour
    const account = this.#account(key)
    void this.#answer(this.#receive(request, account), account, key).then((error) => {
      // Whoever does not listen is not told.
      if (session.open && session.drained) session.send(encodeReply({ id, tx, error }))
    })
  }

  /** At once, since what came may take far more memory than a transaction. Null: it is not even looked at. */
  #receive({ tx, after, transaction: value }: RelayRequest, account: Account): Waiting | null {
    const { isWritable, read, now } = this.#options
    if (account.underWay >= MOST_UNDER_WAY || account.blockedUntil > now()) return null
    const nothing = (transaction: string): Waiting => ({ tx, after, transaction, bytes: 0 })
    if (!account.bucket.take(1, now())) return nothing('rate_limited')
    if (!isWritable()) return nothing('not_writable')
    const transaction = read(value)
    if (transaction === null) return nothing('bad_arguments')
    const bytes = bytesOf(transaction.dispatch)
    const most = account.underWay === 0 ? MOST_WAITING_BYTES : MOST_WAITING_BYTES / 2
    return this.#waitingBytes + bytes > most ? nothing('rate_limited') : { tx, after, transaction, bytes }
  }

  /** The code of what kept it from the log, or null. */
  async #answer(waiting: Waiting | null, account: Account, neighbour: Hex32): Promise<string | null> {
    if (waiting === null) return 'rate_limited'
    const { tx, bytes } = waiting
    account.underWay++
    this.#waitingBytes += bytes
    try {
      const { refusal, missing } = await this.#inTurn(account, waiting)
      if (missing !== null) await this.#options.append(missing)
      return refusal
    } catch (error) {
      // Where nothing was sent behind it meanwhile, nothing of that is taken.
      if (account.latest?.tx === tx) account.latest = { tx, isTaken: false }
      return this.#codeOf(error, neighbour)
    } finally {
      account.underWay--
      this.#waitingBytes -= bytes
    }
  }

  /** Those of one neighbour in the order in which they came. */
  #inTurn(account: Account, waiting: Waiting): Promise<Look> {
    const { tx } = waiting
    const looked = account.last.then(() => this.#look(waiting, account))
    account.last = looked.then(
      ({ refusal }) => {
        account.latest = { tx, isTaken: refusal === null }
      },
      () => {
        account.latest = { tx, isTaken: false }
      }
    )
    return looked
  }

  async #look({ transaction, after }: Waiting, account: Account): Promise<Look> {
    const { isWritable, isRecorded, now } = this.#options
    if (typeof transaction === 'string') return refused(transaction)
    if (account.blockedUntil > now()) return refused('rate_limited')
    if (!isWritable()) return refused('not_writable')
    if (!(await this.#becomesNext(after, account))) return refused(PREDECESSOR_MISSING)
    // Taken from all by what is good only: nonsense of a few must not use it up for the rest.
    if (!this.#all.take(1, now())) return refused('rate_limited')
    if (await isRecorded(transaction.tx)) return RECORDED
    await this.#check(transaction, account)
    // Somebody else may have brought it meanwhile.
    if (await isRecorded(transaction.tx)) return RECORDED
    // Meanwhile what was to be written before it may have failed, for want of a right that is back by now.
    if (!(await this.#isNext(after, account))) return refused(PREDECESSOR_MISSING)
    return { refusal: null, missing: transaction }
  }

  /** What is appended here comes after all that is in the state here, and after what was taken before. */
  async #isNext(after: Hex32 | null, { latest }: Account): Promise<boolean> {
    if (after === null || (latest?.tx === after && latest.isTaken)) return true
    return this.#options.isRecorded(after)
  }

  async #becomesNext(after: Hex32 | null, account: Account): Promise<boolean> {
    if (await this.#isNext(after, account)) return true
    return after !== null && after !== account.latest?.tx && this.#options.arrives(after)
  }

  async #check(transaction: Transaction, account: Account): Promise<void> {
    try {
      await this.#options.check(transaction)
    } catch (error) {
      if (HARMFUL.has(toIntercomError(error).code)) account.blockedUntil = this.#options.now() + BLOCKED_MS
      throw error
    }
  }

  #codeOf(error: unknown, neighbour: Hex32): string {
    const { code, message } = toIntercomError(error)
    this.#options.log.debug('a transaction was not relayed', { neighbour, error: message })
    return code
  }

  #account(neighbour: Hex32): Account {
    let account = this.#accounts.get(neighbour)
    if (account === undefined) {
      const now = this.#options.now()
      if (this.#accounts.size >= MOST_NEIGHBOURS) this.#forgetIdle(now)
      const bucket = new TokenBucket(BUDGETS.one.perSecond, BUDGETS.one.burst, now)
      account = { bucket, last: Promise.resolve(), latest: null, underWay: 0, blockedUntil: 0 }
      this.#accounts.set(neighbour, account)
    }
    return account
  }

  #forgetIdle(now: number): void {
    for (const [key, { bucket, underWay, blockedUntil }] of this.#accounts)
      if (bucket.isFull(now) && underWay === 0 && blockedUntil <= now) this.#accounts.delete(key)
  }
}

function refused(refusal: string): Look {
  return { refusal, missing: null }
}
