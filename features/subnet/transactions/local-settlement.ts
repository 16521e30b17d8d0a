import b4a from 'b4a'
import {
  blake3Hex,
  type Dispatch,
  type TxContext,
  type TxPayload,
  txHash
} from '../../../src/app/payloads.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import { type Hex32, hex32, isHex32 } from '../../../src/base/hex.ts'
import { decodeAddress } from '../../../src/identity/address.ts'
import { LOCAL_BOOTSTRAP, LOCAL_NETWORK_ID } from '../engine/local-settlement.ts'
import type { Delivered, Settlement } from '../engine/settlement.ts'
import { KEYS } from '../engine/state-keys.ts'
import type { Subnet } from '../subnet.ts'
import { contextOf, isSigned, type Transaction, transactionOf } from './transaction.ts'

/** The subnet's own log is the settlement: nothing is paid, and confirmed is what the indexers have signed. */
export class LocalSettlement implements Settlement {
  readonly kind = 'local'
  readonly #subnet: Subnet
  readonly #deliver: (transaction: Transaction) => Promise<Delivered>

  constructor(subnet: Subnet, deliver: (transaction: Transaction) => Promise<Delivered>) {
    this.#subnet = subnet
    this.#deliver = deliver
  }

  async context(): Promise<TxContext> {
    const { bootstrap, writerKey } = this.#subnet
    return contextOf(bootstrap, writerKey, this.#txv())
  }

  /**
   * In the words of the paid network. Unlike there, a transaction does not expire when the indexers change:
   * `apply` could not tell on every peer alike, and one that waits for a writer stays good.
   */
  async preflight({ address, txo }: TxPayload): Promise<void> {
    const { tx, txv, iw, ch, bs, mbs, in: nonce, is: signature } = txo
    const ipk = publicKeyOf(address)
    if (ipk === null || ![tx, txv, iw, ch, nonce].every(isHex32)) throw invalid('Payload is invalid.')
    if ((await this.#subnet.read(KEYS.txIndex(tx))) !== null)
      throw invalid(`Transaction with hash ${tx} already exists in the state.`)
    if (bs !== this.#subnet.bootstrap || mbs !== LOCAL_BOOTSTRAP)
      throw invalid('It is for another subnet, or for another settlement.')
    if (txHash({ networkId: LOCAL_NETWORK_ID, txv, iw, ch, bs, mbs, nonce }) !== tx)
      throw invalid('Regenerated transaction does not match incoming transaction in payload.')
    if (!isSigned({ tx: tx as Hex32, signature, ipk })) throw invalid('Invalid signature in payload.')
  }

  broadcast(payload: TxPayload, dispatch: Dispatch): Promise<Delivered> {
    return this.#deliver(transactionOf(payload, dispatch))
  }

  /** Stands for the indexers. */
  #txv(): Hex32 {
    const keys = this.#subnet.base.system.indexers.map(({ key }) => key)
    return hex32(b4a.from(blake3Hex(b4a.concat(keys)), 'hex'))
  }
}

function publicKeyOf(address: string): Hex32 | null {
  const key = decodeAddress(address)
  return key === null ? null : hex32(key)
}

function invalid(why: string): IntercomError {
  return new IntercomError('bad_arguments', `Invalid TX: ${why}`, {
    next: 'Ask for the context of transactions again, build it anew and sign it.'
  })
}
