import b4a from 'b4a'
import {
  commandHash,
  type Dispatch,
  type TxContext,
  type TxPayload,
  txHash,
  txPayload
} from '../../../src/app/payloads.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import { type Hex32, hex32, isHex32 } from '../../../src/base/hex.ts'
import { decodeAddress, encodeAddress } from '../../../src/identity/address.ts'
import type { SignedTx } from '../../../src/subnet-plane.ts'
import { isSigned } from './transaction.ts'

const BYTES = { key: 32, signature: 64 } as const
const ADDRESS_LENGTH = 63

/**
 * Public key of who signed it. The checks, their order and their sentences are those of deployed peers
 * (spec/subnet 3.3), except that an address may also be given as `trac1…`.
 */
export function signerOf({ tx, address, signature, nonce }: SignedTx): Hex32 {
  checkLength('Address', address, [2 * BYTES.key, ADDRESS_LENGTH])
  checkLength('Signature', signature, [2 * BYTES.signature])
  checkLength('Nonce', nonce, [2 * BYTES.key])
  const key = isHex32(address) ? b4a.from(address, 'hex') : decodeAddress(address)
  if (key === null) throw invalid('Invalid address.')
  if (!/^[0-9a-f]*$/.test(signature)) throw invalid('Invalid signature.')
  if (!isHex32(nonce)) throw invalid('Invalid nonce.')
  if (!isHex32(tx)) throw invalid('Invalid TX.')
  const ipk = hex32(key)
  if (!isSigned({ tx, signature, ipk })) throw invalid('Invalid signature.')
  return ipk
}

/** What they signed, where it is this dispatch, here and now. */
export function surrogatePayload(
  { tx, nonce, signature }: SignedTx,
  ipk: Hex32,
  dispatch: Dispatch,
  context: TxContext
): TxPayload {
  const parts = { ...context, ch: commandHash(dispatch), nonce }
  if (txHash(parts) !== tx) throw invalid('Invalid TX.')
  return txPayload(encodeAddress(b4a.from(ipk, 'hex')), parts, signature)
}

function checkLength(name: string, text: unknown, lengths: readonly number[]): void {
  if (typeof text !== 'string' || !lengths.includes(text.length)) throw invalid(`${name} length invalid.`)
}

function invalid(sentence: string): IntercomError {
  return new IntercomError('bad_arguments', sentence, {
    next: 'Ask for the context of transactions again, build it anew and sign the 32 bytes of its hash.'
  })
}
