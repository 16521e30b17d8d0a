import type { Hex32 } from '../../../src/base/hex.ts'
import { randomNonce } from '../../../src/base/nonce.ts'
import type { Signer } from '../../../src/base/signature.ts'
import { noteSignature } from '../engine/known-signatures.ts'
import type { Rules } from '../engine/rules.ts'
import type { Statement } from '../engine/signing.ts'

export type Op = Readonly<Record<string, unknown>>

/** Writes signed operations of a subnet; the order of keys is that of deployed peers, since ruleset 1 signs it. */
export class Pen {
  readonly #signer: Signer
  readonly #subnet: Hex32

  constructor(signer: Signer, subnet: Hex32) {
    this.#signer = signer
    this.#subnet = subnet
  }

  /** Form A: a type and a key. */
  a(rules: Rules, type: string, key: string, extra: object = {}): Op {
    const nonce = randomNonce()
    const msg = { type, key }
    const hash = this.#sign(rules, { type, key, plain: msg, value: msg, nonce })
    return { ...extra, type, key, value: { msg }, hash, nonce }
  }

  /** Form B: a dispatch. */
  b(rules: Rules, type: string, fields: object): Op {
    const nonce = randomNonce()
    const dispatch = { type, ...fields }
    const value = { dispatch }
    return { type, value, hash: this.#sign(rules, { type, plain: value, value: dispatch, nonce }), nonce }
  }

  /** Form C: an entry of a feature. */
  feature(rules: Rules, name: string, key: string, value: unknown): Op {
    const nonce = randomNonce()
    const type = `${name}_feature`
    const opKey = `${name}_${key}`
    const address = this.#signer.publicKey
    const statement = {
      type: 'feature',
      key: opKey,
      plain: value,
      value: { type, key, value, address },
      nonce
    }
    const hash = this.#sign(rules, statement)
    return { type: 'feature', key: opKey, value: { dispatch: { type, key, hash, value, nonce, address } } }
  }

  #sign(rules: Rules, statement: Statement): string {
    const bytes = rules.signedBytes(statement, this.#subnet)
    if (bytes === null) throw new TypeError('a statement that has no JSON cannot be signed')
    const signature = this.#signer.sign(bytes)
    noteSignature(signature, bytes, this.#signer.publicKey)
    return signature
  }
}
