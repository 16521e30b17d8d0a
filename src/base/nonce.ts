import b4a from 'b4a'
import sodium from 'sodium-universal'
import { type Hex32, hex32 } from './hex.ts'

/** To be used once. */
export function randomNonce(): Hex32 {
  const nonce = b4a.alloc(32)
  sodium.randombytes_buf(nonce)
  return hex32(nonce)
}
