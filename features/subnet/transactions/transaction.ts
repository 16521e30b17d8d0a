import b4a from 'b4a'
import * as v from 'valibot'
import {
  type Dispatch,
  dispatchHash,
  type TxContext,
  type TxPayload,
  txHash
} from '../../../src/app/payloads.ts'
import { depthWithin } from '../../../src/base/depth.ts'
import { type Hex32, hex32, isHex32 } from '../../../src/base/hex.ts'
import { decodeAddress } from '../../../src/identity/address.ts'
import { anything, name, object } from '../engine/fields.ts'
import { isSignedBy } from '../engine/known-signatures.ts'
import { LOCAL_BOOTSTRAP, LOCAL_NETWORK_ID } from '../engine/local-settlement.ts'
import type { TxOp } from '../engine/operations/tx.ts'

/** A signed transaction of a local subnet: whoever may write can put it into the log. */
export interface Transaction {
  readonly tx: Hex32
  readonly dispatch: Dispatch
  /** Public key of who signed it. */
  readonly ipk: Hex32
  readonly txv: Hex32
  /** The writer key of the peer that built it. */
  readonly iw: Hex32
  readonly nonce: Hex32
  readonly signature: string
}

const key = v.custom<Hex32>(isHex32)
const transaction = object({
  tx: key,
  dispatch: object({ type: name, value: anything }),
  ipk: key,
  txv: key,
  iw: key,
  nonce: key,
  signature: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/))
})

/** Where transactions of this subnet take place. */
export function contextOf(subnet: Hex32, writer: Hex32, txv: Hex32): TxContext {
  return { networkId: LOCAL_NETWORK_ID, txv, iw: writer, bs: subnet, mbs: LOCAL_BOOTSTRAP }
}

/** Total: null for whatever is no transaction of this subnet, or not signed by whom it names. */
export function readTransaction(value: unknown, subnet: Hex32): Transaction | null {
  if (!depthWithin(value)) return null
  const parsed = v.safeParse(transaction, value)
  if (!parsed.success) return null
  const read: Transaction = parsed.output
  return txHash(partsOf(read, subnet)) === read.tx && isSigned(read) ? read : null
}

export function isSigned({ tx, signature, ipk }: Pick<Transaction, 'tx' | 'signature' | 'ipk'>): boolean {
  return isSignedBy(signature, b4a.from(tx, 'hex'), ipk)
}

/** Of a payload that is known to be good. */
export function transactionOf({ address, txo }: TxPayload, { type, value }: Dispatch): Transaction {
  const key = decodeAddress(address)
  if (key === null) throw new TypeError('the address is none')
  const { tx, txv, iw, in: nonce, is: signature } = txo
  return { tx, dispatch: { type, value }, ipk: hex32(key), txv, iw, nonce, signature } as Transaction
}

/** As it stands in the log of a writer. */
export function operationOf(transaction: Transaction, writer: Hex32): TxOp {
  const { tx, dispatch, ipk, txv, iw, nonce, signature } = transaction
  const value = { msbsl: 0, dispatch, ipk, wp: writer, loc: { txv, iw, in: nonce, is: signature } }
  return { type: 'tx', key: tx, value }
}

const KEY = '0'.repeat(64) as Hex32
const BLANK = { tx: KEY, ipk: KEY, txv: KEY, iw: KEY, nonce: KEY, signature: KEY + KEY }

/** Of the operation in the log, which is as long for everybody. */
export function bytesOf(dispatch: Dispatch): number {
  return b4a.byteLength(JSON.stringify(operationOf({ ...BLANK, dispatch }, KEY)))
}

function partsOf({ dispatch, txv, iw, nonce }: Transaction, subnet: Hex32) {
  return { ...contextOf(subnet, iw, txv), ch: dispatchHash(dispatch), nonce }
}
