/** What we use of packages that ship no types, and no more. */

declare module 'b4a' {
  type Encoding = 'utf-8' | 'utf8' | 'hex' | 'base64' | 'latin1'
  const b4a: {
    alloc(size: number, fill?: number): Buffer
    allocUnsafe(size: number): Buffer
    from(value: string, encoding?: Encoding): Buffer
    from(value: Uint8Array | readonly number[]): Buffer
    toString(bytes: Uint8Array, encoding?: Encoding): string
    equals(a: Uint8Array, b: Uint8Array): boolean
    compare(a: Uint8Array, b: Uint8Array): number
    concat(parts: readonly Uint8Array[]): Buffer
    byteLength(text: string, encoding?: Encoding): number
    write(bytes: Uint8Array, text: string, offset?: number): number
    write(bytes: Uint8Array, text: string, encoding: Encoding): number
    isBuffer(value: unknown): value is Uint8Array
  }
  export default b4a
}

declare module 'ready-resource' {
  import type { EventEmitter } from 'node:events'
  export default class ReadyResource extends EventEmitter {
    readonly opening: Promise<void> | null
    readonly closing: Promise<void> | null
    readonly opened: boolean
    readonly closed: boolean
    ready(): Promise<void>
    close(): Promise<void>
    protected _open(): Promise<void>
    protected _close(): Promise<void>
  }
}

declare module 'sodium-universal' {
  const sodium: {
    readonly crypto_sign_PUBLICKEYBYTES: number
    readonly crypto_sign_SECRETKEYBYTES: number
    readonly crypto_sign_BYTES: number
    readonly crypto_pwhash_ALG_ARGON2I13: number
    readonly crypto_secretbox_MACBYTES: number
    crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void
    crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void
    crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
    crypto_shorthash(output: Uint8Array, input: Uint8Array, key: Uint8Array): void
    readonly crypto_hash_sha256_STATEBYTES: number
    crypto_hash_sha256(output: Uint8Array, input: Uint8Array): void
    crypto_hash_sha256_init(state: Uint8Array): void
    crypto_hash_sha256_update(state: Uint8Array, input: Uint8Array): void
    crypto_hash_sha256_final(state: Uint8Array, output: Uint8Array): void
    crypto_hash_sha512(output: Uint8Array, input: Uint8Array): void
    crypto_pwhash_async(
      output: Uint8Array,
      password: Uint8Array,
      salt: Uint8Array,
      opslimit: number,
      memlimit: number,
      algorithm: number
    ): Promise<void>
    crypto_secretbox_easy(output: Uint8Array, message: Uint8Array, nonce: Uint8Array, key: Uint8Array): void
    crypto_secretbox_open_easy(
      output: Uint8Array,
      box: Uint8Array,
      nonce: Uint8Array,
      key: Uint8Array
    ): boolean
    randombytes_buf(buffer: Uint8Array): void
    sodium_memzero(buffer: Uint8Array): void
    sodium_memcmp(a: Uint8Array, b: Uint8Array): boolean
    readonly crypto_generichash_BYTES: number
    readonly crypto_generichash_KEYBYTES: number
    crypto_generichash(output: Uint8Array, input: Uint8Array, key?: Uint8Array): void
  }
  export default sodium
}

declare module 'bip39-mnemonic' {
  export function generateMnemonic(options?: { entropy?: Uint8Array; language?: string }): string
  export function generateEntropy(strength?: number): Uint8Array
  export function validateMnemonic(mnemonic: string): boolean
  export function mnemonicToEntropy(mnemonic: string): Uint8Array
  export function mnemonicToSeed(mnemonic: string, passphrase?: string): Promise<Uint8Array>
}
