import { IntercomError } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import type { Delivered } from '../engine/settlement.ts'
import type { RelayQueue } from '../relay/queue.ts'
import type { Subnet } from '../subnet.ts'
import { type Ledger, type Recorded, recordedBy, wasDisabled } from './ledger.ts'
import { txDisabled } from './standing.ts'
import { operationOf, type Transaction } from './transaction.ts'

export interface DeliveryOptions {
  readonly subnet: Pick<Subnet, 'writable' | 'writerKey' | 'append'>
  readonly ledger: Pick<Ledger, 'find'>
  readonly queue: RelayQueue
}

const KEPT = { appended: false, n: null, error: null } as const

/**
 * Gets transactions into the log: by this peer where it may write, else by a neighbour who may, else later. What
 * goes to a neighbour is in a file first. A writer needs none: nobody is told that a transaction is in the log before
 * it is, and whoever was told nothing may submit the same one again, since each counts once.
 */
export class Delivery {
  readonly #options: DeliveryOptions
  readonly #underWay = new Set<Promise<Delivered>>()
  readonly #appending = new Map<Hex32, Promise<Recorded>>()

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  /** Throws when it was refused; it is not kept then. */
  deliver(transaction: Transaction): Promise<Delivered> {
    const delivered = this.#deliver(transaction).finally(() => this.#underWay.delete(delivered))
    this.#underWay.add(delivered)
    return delivered
  }

  /** Into this peer's own log. */
  append(transaction: Transaction): Promise<Recorded> {
    const { tx } = transaction
    // Two neighbours may hand over the same one: the second would be a block for nothing.
    let appending = this.#appending.get(tx)
    if (appending === undefined) {
      appending = this.#append(transaction).finally(() => this.#appending.delete(tx))
      this.#appending.set(tx, appending)
    }
    return appending
  }

  /** Resolves when nothing is on its way any more; what did not get away is kept. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#underWay])
  }

  /** Nothing may come before the append, or the place in the queue: that keeps the order of those who call. */
  async #deliver(transaction: Transaction): Promise<Delivered> {
    const { subnet, queue } = this.#options
    const { tx } = transaction
    if (subnet.writable && queue.isEmpty) {
      try {
        const recorded = await this.append(transaction)
        queue.follow(tx)
        return { appended: true, ...recorded }
      } catch (error) {
        if (!(error instanceof IntercomError) || error.code !== 'not_writable') throw error
      }
    } else if (this.#appending.size > 0) {
      // Those may come back, and go first.
      await Promise.allSettled([...this.#appending.values()])
    }
    const recorded = await queue.hand(transaction)
    return recorded === null ? KEPT : { appended: true, ...recorded }
  }

  async #append(transaction: Transaction): Promise<Recorded> {
    const { subnet, ledger } = this.#options
    const operation = await subnet.append(operationOf(transaction, subnet.writerKey))
    if (operation === null) return { n: null, error: null }
    const recorded = recordedBy(operation) ?? (await ledger.find(transaction.tx))
    if (recorded !== null) return { n: recorded.n, error: recorded.error }
    throw wasDisabled(operation)
      ? txDisabled()
      : new IntercomError('subnet_refused', 'The subnet refused the transaction.')
  }
}
