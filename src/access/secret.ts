import b4a from 'b4a'
import sodium from 'sodium-universal'

// Another one in each process: nobody outside can compute a digest.
const key = b4a.alloc(sodium.crypto_generichash_KEYBYTES)
sodium.randombytes_buf(key)

/** What stands for a secret of any length when it is compared; of use in this process only. */
export function digestOf(secret: string): Uint8Array {
  const digest = b4a.alloc(sodium.crypto_generichash_BYTES)
  sodium.crypto_generichash(digest, b4a.from(secret), key)
  return digest
}

/** How long it takes says nothing about either of them but its length. */
export function sameDigest(a: Uint8Array, b: Uint8Array): boolean {
  return sodium.sodium_memcmp(a, b)
}

export function sameSecret(a: string, b: string): boolean {
  return sameDigest(digestOf(a), digestOf(b))
}
