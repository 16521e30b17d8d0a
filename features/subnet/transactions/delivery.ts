import { IntercomError } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import type { Delivered } from '../engine/settlement.ts'
import type { RelaySender } from '../relay/sender.ts'
import type { Subnet } from '../subnet.ts'
import { type Ledger, type Recorded, recordedBy } from './ledger.ts'
import { operationOf, type Transaction } from './transaction.ts'

export interface DeliveryOptions {
  readonly subnet: Subnet
  readonly ledger: Ledger
  readonly sender: RelaySender
  /** Resolves once the transaction outlives this process. */
  readonly keep: (transaction: Transaction) => Promise<void>
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

  /** What became of it in the log, or why it did not get there. */
  async send(transaction: Transaction): Promise<Recorded | 'refused' | 'nobody'> {
    // Nothing may come before this: it keeps the order of those who call.
    if (this.#options.subnet.writable) {
      try {
        return await this.append(transaction)
      } catch (error) {
        if (!(error instanceof IntercomError) || error.code !== 'not_writable') throw error
      }
    }
    return this.#options.sender.send(transaction)
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

  async #deliver(transaction: Transaction): Promise<Delivered> {
    const { subnet, sender, keep } = this.#options
    if (!subnet.writable) {
      // Before anybody has it: a process that ends now neither loses it nor has its user make another one.
      await keep(transaction)
      const sent = await sender.send(transaction)
      return typeof sent === 'object' ? { appended: true, ...sent } : KEPT
    }
    const sent = await this.send(transaction)
    if (typeof sent === 'object') return { appended: true, ...sent }
    await keep(transaction)
    return KEPT
  }

  async #append(transaction: Transaction): Promise<Recorded> {
    const { subnet, ledger } = this.#options
    const operation = await subnet.append(operationOf(transaction, subnet.writerKey))
    if (operation === null) return { n: null, error: null }
    const recorded = recordedBy(operation) ?? (await ledger.find(transaction.tx))
    if (recorded === null) throw new IntercomError('subnet_refused', 'The subnet refused the transaction.')
    return { n: recorded.n, error: recorded.error }
  }
}
