import b4a from 'b4a'
import { LOCAL_BOOTSTRAP, LOCAL_NETWORK_ID } from '../../../features/subnet/engine/local-settlement.ts'
import { canonicalBytes, plainBytes, type Statement } from '../../../features/subnet/engine/signing.ts'
import { commandHash, type Dispatch, txHash } from '../../../src/app/payloads.ts'
import { createSigner, type Signer } from '../../../src/base/signature.ts'
import { keyPairFromSeed } from '../../../src/identity/derive.ts'

/** The wallet of the golden vectors (spec/subnet G1). */
export const admin = person('237425bbeb5aeb9bb52d0cf9a26f337ba1df52fcb051df4b137e8c3a7b1c0405')
export const alice = person('a1'.repeat(32))
export const bob = person('b0'.repeat(32))

function person(seed: string): Signer {
  return createSigner(keyPairFromSeed(b4a.from(seed, 'hex')))
}

export const byte = (value: number) => value.toString(16).padStart(2, '0').slice(-2).repeat(32)

/** As in the golden vectors, and unique after that. */
const nonceOf = (k: number) => (k < 256 ? byte(k) : k.toString(16).padStart(64, '0'))

export interface Pen {
  /** Form A. */
  a(by: Signer, type: string, key: string, extra?: object): Record<string, unknown>
  /** Form B; the dispatch gets its type first. */
  b(by: Signer, type: string, dispatch: object): Record<string, unknown>
  /** Form C. */
  feature(by: Signer, name: string, key: string, value: unknown): Record<string, unknown>
  /** Form C under any key, with any fields. */
  c(by: Signer, key: string, fields: Record<string, unknown>): Record<string, unknown>
}

/** Writes operations in the key order of the terminal; the k-th signed one has the nonce byte k. */
export function pen(rules: 1 | 2, subnet = '', first = 1): Pen {
  let k = first
  const bytes = rules === 1 ? plainBytes : canonicalBytes
  const sign = (by: Signer, statement: Statement) => by.sign(bytes(statement, subnet) ?? b4a.alloc(0))
  return {
    a(by, type, key, extra = {}) {
      const nonce = nonceOf(k++)
      const msg = { type, key }
      const hash = sign(by, { type, key, plain: msg, value: msg, nonce })
      return { ...extra, type, key, value: { msg }, hash, nonce }
    },
    b(by, type, fields) {
      const nonce = nonceOf(k++)
      const dispatch = { type, ...fields }
      const value = { dispatch }
      return { type, value, hash: sign(by, { type, plain: value, value: dispatch, nonce }), nonce }
    },
    feature(by, name, key, value) {
      const nonce = nonceOf(k++)
      const [type, opKey, address] = [`${name}_feature`, `${name}_${key}`, by.publicKey]
      const statement = {
        type: 'feature',
        key: opKey,
        plain: value,
        value: { type, key, value, address },
        nonce
      }
      const hash = sign(by, statement)
      return { type: 'feature', key: opKey, value: { dispatch: { type, key, hash, value, nonce, address } } }
    },
    c(by, key, fields) {
      const nonce = nonceOf(k++)
      const hash = sign(by, { type: 'feature', key, plain: fields.value, value: fields, nonce })
      return { type: 'feature', key, value: { dispatch: { ...fields, hash, nonce } } }
    }
  }
}

export interface LocalTx {
  readonly subnet: string
  /** The writer that appends it. */
  readonly from: string
  readonly dispatch: Dispatch
  readonly nonce: string
}

/** A transaction that the local settlement takes. */
export function localTx(by: Signer, { subnet, from, dispatch, nonce }: LocalTx) {
  const [txv, iw] = [byte(1), byte(2)]
  const ch = commandHash(dispatch)
  const key = txHash({ networkId: LOCAL_NETWORK_ID, txv, iw, ch, bs: subnet, mbs: LOCAL_BOOTSTRAP, nonce })
  const loc = { txv, iw, in: nonce, is: by.sign(b4a.from(key, 'hex')) }
  return { type: 'tx', key, value: { msbsl: 0, dispatch, ipk: by.publicKey, wp: from, loc } }
}

export const text = (by: Signer, msg: string, reply_to: number | null = null) => ({
  msg,
  address: by.publicKey,
  attachments: [],
  deleted_by: null,
  reply_to,
  pinned: false,
  pin_id: null
})

export const appendWriter = { op: 'append_writer' }
export const dropWriter = { op: 'remove_writer' }
