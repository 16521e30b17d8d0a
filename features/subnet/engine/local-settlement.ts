import b4a from 'b4a'
import * as v from 'valibot'
import { blake3Hex, dispatchHash, txHash } from '../../../src/app/payloads.ts'
import { hex, key, object } from './fields.ts'
import { isSignedBy } from './known-signatures.ts'
import type { TxVerifier } from './settlement.ts'

/** Of our own, so that what is signed for a local subnet is never worth anything on the paid network. */
export const LOCAL_NETWORK_ID: number = 0x4c4f434c
export const LOCAL_BOOTSTRAP = blake3Hex(b4a.from('intercom-local-settlement-v1'))

const localTx = object({
  value: object({ msbsl: v.literal(0), loc: object({ txv: key, iw: key, in: key, is: hex }) })
})

/** The subnet's own log is the settlement: a transaction carries all that proves it (spec/subnet 5.8). */
export const localVerifier: TxVerifier = {
  async verify(op, { from, subnet }) {
    const proof = v.safeParse(localTx, op)
    if (!proof.success || op.value.wp !== from) return false
    const { txv, iw, in: nonce, is } = proof.output.value.loc
    const ch = dispatchHash(op.value.dispatch)
    const parts = { networkId: LOCAL_NETWORK_ID, txv, iw, ch, bs: subnet, mbs: LOCAL_BOOTSTRAP, nonce }
    const hash = txHash(parts)
    return hash === op.key && isSignedBy(is, b4a.from(hash, 'hex'), op.value.ipk)
  }
}
