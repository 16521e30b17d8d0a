import { TokenBucket } from '../../../src/base/bucket.ts'
import { type ErrorCode, IntercomError, toIntercomError } from '../../../src/base/errors.ts'
import { type Hex32, isHex32 } from '../../../src/base/hex.ts'
import type { Log } from '../../../src/base/log.ts'
import type { Session } from '../../../src/network/protocols.ts'
import type { MemberMessage } from '../members/messages.ts'
import type { Transaction } from '../transactions/transaction.ts'
import { encodeReply, readRequest } from './messages.ts'

/** Each becomes a block of the log, for ever: those of one neighbour, and those of all. */
const BUDGETS = { one: { perSecond: 10, burst: 100 }, all: { perSecond: 50, burst: 500 } } as const
const MOST_NEIGHBOURS = 1024
/** Of one neighbour at a time. */
const MOST_UNDER_WAY = 32
/** How long nothing is taken from whoever sent one that the contract does not come to an end with. */
const BLOCKED_MS = 60_000
const HARMFUL: ReadonlySet<ErrorCode> = new Set(['contract_too_slow', 'contract_crashed'])

interface Account {
  readonly bucket: TokenBucket
  /** One of its transactions is tried at a time. */
  last: Promise<void>
  underWay: number
  blockedUntil: number
}

export interface RelayReceiverOptions {
  readonly isWritable: () => boolean
  /** Null for what is no transaction of this subnet, or too large. */
  readonly read: (value: unknown) => Transaction | null
  readonly isRecorded: (tx: Hex32) => Promise<boolean>
  /** Throws where the contract does not come to an end. */
  readonly check: (transaction: Transaction) => Promise<void>
  readonly append: (transaction: Transaction) => Promise<unknown>
  readonly log: Log
  readonly now: () => number
}

/** Puts transactions of others into the log, for neighbours who may not write. */
export class RelayReceiver {
  readonly #options: RelayReceiverOptions
  readonly #accounts = new Map<Hex32, Account>()
  readonly #all: TokenBucket

  constructor(options: RelayReceiverOptions) {
    this.#options = options
    this.#all = new TokenBucket(BUDGETS.all.perSecond, BUDGETS.all.burst, options.now())
  }

  handle(message: MemberMessage, session: Session): void {
    const request = readRequest(message)
    const tx = (request?.transaction as { tx?: unknown } | null | undefined)?.tx
    // There is nothing to answer to.
    if (request === null || !isHex32(tx)) return
    void this.#answer(request.transaction, session).then((error) => {
      // Whoever does not listen is not told.
      if (session.open && session.drained) session.send(encodeReply({ id: request.id, tx, error }))
    })
  }

  /** The code of what kept it from the log, or null. */
  async #answer(value: unknown, { neighbour }: Session): Promise<string | null> {
    const account = this.#account(neighbour.key)
    if (!this.#mayAsk(account)) return 'rate_limited'
    account.underWay++
    try {
      if (!this.#options.isWritable()) return 'not_writable'
      const transaction = this.#options.read(value)
      if (transaction === null) return 'bad_arguments'
      // Taken from all by what is good only: nonsense of a few must not use it up for the rest.
      if (!this.#all.take(1, this.#options.now())) return 'rate_limited'
      await this.#relay(transaction, account)
      return null
    } catch (error) {
      const { code, message } = toIntercomError(error)
      this.#options.log.debug('a transaction was not relayed', { neighbour: neighbour.key, error: message })
      return code
    } finally {
      account.underWay--
    }
  }

  #mayAsk(account: Account): boolean {
    const now = this.#options.now()
    if (account.underWay >= MOST_UNDER_WAY || account.blockedUntil > now) return false
    return account.bucket.take(1, now)
  }

  /** Those of one neighbour in the order in which they came. */
  async #relay(transaction: Transaction, account: Account): Promise<void> {
    const checked = account.last.then(() => this.#isMissing(transaction, account))
    account.last = checked.then(
      () => {},
      () => {}
    )
    if (await checked) await this.#options.append(transaction)
  }

  /** Whether it is good, and not in the log yet. */
  async #isMissing(transaction: Transaction, account: Account): Promise<boolean> {
    const { now, check, isRecorded } = this.#options
    if (account.blockedUntil > now()) throw new IntercomError('rate_limited', 'Not served for a while.')
    if (await isRecorded(transaction.tx)) return false
    try {
      await check(transaction)
      return true
    } catch (error) {
      if (HARMFUL.has(toIntercomError(error).code)) account.blockedUntil = now() + BLOCKED_MS
      throw error
    }
  }

  #account(neighbour: Hex32): Account {
    let account = this.#accounts.get(neighbour)
    if (account === undefined) {
      const now = this.#options.now()
      if (this.#accounts.size >= MOST_NEIGHBOURS) this.#forgetIdle(now)
      const bucket = new TokenBucket(BUDGETS.one.perSecond, BUDGETS.one.burst, now)
      account = { bucket, last: Promise.resolve(), underWay: 0, blockedUntil: 0 }
      this.#accounts.set(neighbour, account)
    }
    return account
  }

  #forgetIdle(now: number): void {
    for (const [key, { bucket, underWay, blockedUntil }] of this.#accounts)
      if (bucket.isFull(now) && underWay === 0 && blockedUntil <= now) this.#accounts.delete(key)
  }
}
