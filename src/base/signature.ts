import b4a from 'b4a'
import sodium from 'sodium-universal'
import { type Hex32, hex32, isHex32, toHex } from './hex.ts'

/** Who signs. The secret key stays inside. */
export interface Signer {
  readonly publicKey: Hex32
  /** The ed25519 signature of these bytes as hex. */
  sign(message: Uint8Array): string
}

export function createSigner(keyPair: { publicKey: Uint8Array; secretKey: Uint8Array }): Signer {
  return {
    publicKey: hex32(keyPair.publicKey),
    sign(message) {
      const signature = b4a.alloc(sodium.crypto_sign_BYTES)
      sodium.crypto_sign_detached(signature, message, keyPair.secretKey)
      return toHex(signature)
    }
  }
}

const SIGNATURE = /^[0-9a-f]{128}$/i

/** Total: a malformed signature or key is an invalid one. */
export function verifySignature(signature: unknown, message: Uint8Array, publicKey: unknown): boolean {
  if (typeof signature !== 'string' || !SIGNATURE.test(signature) || !isHex32(publicKey)) return false
  return sodium.crypto_sign_verify_detached(b4a.from(signature, 'hex'), message, b4a.from(publicKey, 'hex'))
}
