import { type Deferred, deferred } from '../../../src/base/deferred.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import type { Applied, AppliedOperation } from '../engine/events.ts'
import { KEYS } from '../engine/state-keys.ts'
import type { Subnet } from '../subnet.ts'

/** What a transaction became in the log, as this peer has it. */
export interface Recorded {
  /** Its place among the transactions, which can still change; null where it was not applied here yet. */
  readonly n: number | null
  /** What the contract said is wrong. */
  readonly error: string | number | null
}

export interface LedgerHandlers {
  /** With each transaction that was applied, maybe more than once. */
  onrecorded(tx: Hex32, recorded: Recorded): void
  /** Others may be there now, too. */
  onjump(): void
}

/** Finds transactions in the log, and tells when they come. */
export class Ledger {
  readonly #subnet: Subnet
  readonly #waiting = new Map<Hex32, Set<Deferred<Recorded | null>>>()
  readonly #handlers: LedgerHandlers

  constructor(subnet: Subnet, handlers: LedgerHandlers) {
    this.#subnet = subnet
    this.#handlers = handlers
    subnet.on('applied', this.#handleApplied)
  }

  close(): void {
    this.#subnet.off('applied', this.#handleApplied)
    for (const waiting of this.#waiting.values()) for (const one of waiting) one.resolve(null)
  }

  /** Null while it is not in the latest state. */
  async find(tx: Hex32): Promise<Recorded | null> {
    const n = await this.#subnet.read(KEYS.txIndex(tx))
    if (typeof n !== 'number') return null
    const entry = await this.#subnet.state().record(KEYS.txEntry(n))
    return { n, error: errorOf(entry?.err) }
  }

  /** Null when it does not come in time. */
  async wait(tx: Hex32, milliseconds: number): Promise<Recorded | null> {
    const here = deferred<Recorded | null>()
    const waiting = this.#waiting.get(tx) ?? new Set()
    this.#waiting.set(tx, waiting.add(here))
    const timer = setTimeout(() => here.resolve(null), milliseconds)
    try {
      return (await this.find(tx)) ?? (await here.promise)
    } finally {
      clearTimeout(timer)
      waiting.delete(here)
      if (waiting.size === 0) this.#waiting.delete(tx)
    }
  }

  readonly #handleApplied = ({ operations }: Applied): void => {
    if (operations.length === 0) this.#handleJump()
    for (const operation of operations) {
      const applied = recordedBy(operation)
      if (applied === null) continue
      const { tx, ...recorded } = applied
      this.#tell(tx, recorded)
      this.#handlers.onrecorded(tx, recorded)
    }
  }

  /** What is taken over from the indexers does not say which transactions came with it. */
  #handleJump(): void {
    for (const tx of this.#waiting.keys()) void this.#look(tx)
    this.#handlers.onjump()
  }

  async #look(tx: Hex32): Promise<void> {
    try {
      const recorded = await this.find(tx)
      if (recorded !== null) this.#tell(tx, recorded)
    } catch (error) {
      for (const one of this.#waiting.get(tx) ?? []) one.reject(error)
    }
  }

  #tell(tx: Hex32, recorded: Recorded): void {
    for (const one of this.#waiting.get(tx) ?? []) one.resolve(recorded)
  }
}

/** What this operation made of its transaction; null where it is none, or was refused. */
export function recordedBy({ events }: AppliedOperation): (Recorded & { readonly tx: Hex32 }) | null {
  const event = events.find(({ op }) => op === 'tx')
  if (event === undefined) return null
  const { tx, n, err } = event.details
  return { tx: tx as Hex32, n: typeof n === 'number' ? n : null, error: errorOf(err) }
}

/** Whether this operation was refused because transactions were switched off, at its place in the log. */
export function wasDisabled({ events }: AppliedOperation): boolean {
  return events.some(({ op }) => op === 'txDisabled')
}

function errorOf(err: unknown): string | number | null {
  return typeof err === 'string' || typeof err === 'number' ? err : null
}
