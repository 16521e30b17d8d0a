import type { Dispatch, TxContext, TxPayload } from '../../../src/app/payloads.ts'
import type { ApplyContext } from './operations/operation.ts'
import type { TxOp } from './operations/tx.ts'
import type { SettlementKind } from './rules.ts'

/** What became of a transaction that was sent. */
export interface Delivered {
  /** False while no writer has put it into the log: it is kept, and sent again. */
  readonly appended: boolean
  /** Its place among the transactions, once it is applied here. */
  readonly n: number | null
  /** What the contract said is wrong, once it is applied here. */
  readonly error: string | number | null
}

/** The one call made inside apply: the same answer on every peer, whatever this one has seen so far. */
export interface TxVerifier {
  verify(op: TxOp, context: Pick<ApplyContext, 'from' | 'subnet'>): Promise<boolean>
}

/** Whatever counts transactions for a subnet (spec/subnet 5.8); its kind is part of the subnet's state. */
export interface Settlement {
  readonly kind: SettlementKind
  context(): Promise<TxContext>
  /** Throws with the reason for which the transaction would be refused. */
  preflight(payload: TxPayload): Promise<void>
  /** Throws when it was refused; it is not kept then. */
  broadcast(payload: TxPayload, dispatch: Dispatch): Promise<Delivered>
}

/** The verifiers this node has; a log that needs another one cannot be followed past its first transaction. */
export type Settlements = { readonly [K in SettlementKind]?: TxVerifier }
