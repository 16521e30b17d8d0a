import b4a from 'b4a'
import fs from '#fs'
import { IntercomError, messageOf } from '../../../src/base/errors.ts'
import { type Hex32, isHex32 } from '../../../src/base/hex.ts'
import { readSmallFile } from '../../../src/base/small-file.ts'
import { quoted } from '../../../src/base/text.ts'
import type { PeerStore } from '../../../src/store/peer-store.ts'
import { readTransaction, type Transaction } from '../transactions/transaction.ts'

export interface PendingLimits {
  readonly count: number
  readonly bytes: number
}

/** What can be read back, and what is written whole at each change. */
const LIMITS: PendingLimits = { count: 1000, bytes: 768 * 1024 }
const TOGETHER_MS = 10
const FILE = 'subnet-pending.json'

interface Kept {
  readonly transaction: Transaction
  readonly bytes: number
}

/** Transactions that no writer has taken yet, kept in the store: they outlive this process however it ends. */
export class Pending {
  readonly #store: PeerStore
  readonly #limits: PendingLimits
  readonly #kept = new Map<Hex32, Kept>()
  /** What the first of them comes after: the last one of this peer that got into the log. */
  after: Hex32 | null = null
  #bytes = 0
  #writing: Promise<void> | null = null

  constructor(store: PeerStore, limits: Partial<PendingLimits> = {}) {
    this.#store = store
    this.#limits = { ...LIMITS, ...limits }
  }

  get size(): number {
    return this.#kept.size
  }

  /** The oldest first. */
  all(): readonly Transaction[] {
    return [...this.#kept.values()].map(({ transaction }) => transaction)
  }

  has(tx: Hex32): boolean {
    return this.#kept.has(tx)
  }

  /** Reads what an earlier run kept; returns how many entries were of no use. */
  open(subnet: Hex32): number {
    let useless = 0
    for (const entry of this.#read()) {
      const transaction = readTransaction(entry, subnet)
      if (transaction === null) useless++
      else this.#keep(transaction)
    }
    return useless
  }

  /** Resolves once it is on the disk. Throws, and keeps nothing, where there is no room. */
  async add(transaction: Transaction): Promise<void> {
    if (this.#kept.has(transaction.tx)) return this.flushed()
    const { count, bytes } = this.#limits
    if (this.#kept.size >= count || this.#bytes + sizeOf(transaction) > bytes) throw full(this.#kept.size)
    this.#keep(transaction)
    try {
      await this.#write()
    } catch (error) {
      this.#forget(transaction.tx)
      throw error
    }
  }

  /** Resolves once the file says so too. Until then, at worst it is sent once more. */
  async remove(tx: Hex32): Promise<void> {
    if (this.#forget(tx)) await this.#write()
  }

  /** Resolves when all changes are on the disk. */
  async flushed(): Promise<void> {
    await this.#writing
  }

  #keep(transaction: Transaction): void {
    const bytes = sizeOf(transaction)
    this.#kept.set(transaction.tx, { transaction, bytes })
    this.#bytes += bytes
  }

  #forget(tx: Hex32): boolean {
    this.#bytes -= this.#kept.get(tx)?.bytes ?? 0
    return this.#kept.delete(tx)
  }

  /** What changes within a few milliseconds is written once. */
  #write(): Promise<void> {
    this.#writing ??= new Promise((resolve) => setTimeout(resolve, TOGETHER_MS)).then(() => {
      this.#writing = null
      const { after } = this
      this.#store.writeFile(FILE, `${JSON.stringify({ version: 1, after, transactions: this.all() })}\n`)
    })
    return this.#writing
  }

  #read(): readonly unknown[] {
    const file = this.#store.file(FILE)
    if (!fs.existsSync(file)) return []
    try {
      const content: { after?: unknown; transactions?: unknown } | null = JSON.parse(readSmallFile(file))
      if (isHex32(content?.after)) this.after = content.after
      if (Array.isArray(content?.transactions)) return content.transactions
      throw new SyntaxError('it holds no list of transactions')
    } catch (error) {
      throw new IntercomError('store_broken', `Cannot read ${quoted(file)} (${messageOf(error)}).`, {
        next: 'Mend the file, or move it away: the transactions in it are then not sent.',
        cause: error
      })
    }
  }
}

function sizeOf(transaction: Transaction): number {
  // And what is between two of them.
  return b4a.byteLength(JSON.stringify(transaction)) + 1
}

function full(count: number): IntercomError {
  return new IntercomError(
    'rate_limited',
    `${count} transactions wait for a writer already; no more are kept.`,
    {
      next: 'Wait until a writer of the subnet is connected (/stats), then try again.'
    }
  )
}
