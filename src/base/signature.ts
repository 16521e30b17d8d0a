import b4a from 'b4a'
import sodium from 'sodium-universal'
import { type Hex32, hex32, isHex32, toHex } from './hex.ts'

/** Who signs. The secret key stays inside. */
export interface Signer {
  readonly publicKey: Hex32
  /** The ed25519 signature of these bytes as hex. */
  sign(message: Uint8Array): string
}

// For all calls, which are done with it when they return: making room for each costs more than filling it.
const signatureBytes = b4a.alloc(sodium.crypto_sign_BYTES)
const keyBytes = b4a.alloc(sodium.crypto_sign_PUBLICKEYBYTES)

export function createSigner(keyPair: { publicKey: Uint8Array; secretKey: Uint8Array }): Signer {
  return {
    publicKey: hex32(keyPair.publicKey),
    sign(message) {
      sodium.crypto_sign_detached(signatureBytes, message, keyPair.secretKey)
      return toHex(signatureBytes)
    }
  }
}

const SIGNATURE = /^[0-9a-f]{128}$/i

/** Total: a malformed signature or key is an invalid one. */
export function verifySignature(signature: unknown, message: Uint8Array, publicKey: unknown): boolean {
  if (typeof signature !== 'string' || !SIGNATURE.test(signature) || !isHex32(publicKey)) return false
  // Both are as long as they have to be, so that nothing is left of the call before.
  b4a.write(signatureBytes, signature, 'hex')
  b4a.write(keyBytes, publicKey, 'hex')
  return sodium.crypto_sign_verify_detached(signatureBytes, message, keyBytes)
}
