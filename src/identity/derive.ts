import b4a from 'b4a'
import sodium from 'sodium-universal'
import { IntercomError } from '../base/errors.ts'
import { ADDRESS_PREFIX, isAddressPrefix } from './address.ts'

/** An Ed25519 pair: 32 bytes, and 64 bytes of seed followed by the public key. */
export type KeyPair = { readonly publicKey: Buffer; readonly secretKey: Buffer }

export const DERIVATION_PATH = "m/918'/0'/0'/0'"

const HARDENED = 0x80000000
const HASH_BYTES = 64
const HMAC_BLOCK_BYTES = 128
const SEED_BYTES = 32
const NEW_ENTROPY_BYTES = 32
// The words of ten languages: 4 MB, for what few starts need.
const bip39 = () => import('bip39-mnemonic')
const PATH = /^m(?:\/\d{1,10}')+$/

/** A new recovery phrase of 24 English words. */
export async function createMnemonic(): Promise<string> {
  const { generateEntropy, generateMnemonic } = await bip39()
  const entropy = generateEntropy(NEW_ENTROPY_BYTES)
  const mnemonic = generateMnemonic({ entropy })
  sodium.sodium_memzero(entropy)
  return mnemonic
}

/**
 * A recovery phrase in its normal form (lower case, single spaces), or `null` when it is not one of 12 or 24
 * English words with a right checksum. Other languages are refused: deployed wallets cannot derive from them.
 */
export async function normalMnemonic(text: string): Promise<string | null> {
  const words = wordsOf(text)
  if (words === null) return null
  const { generateMnemonic, mnemonicToEntropy, validateMnemonic } = await bip39()
  const mnemonic = words.join(' ')
  if (!validateMnemonic(mnemonic)) return null
  return generateMnemonic({ entropy: mnemonicToEntropy(mnemonic) }) === mnemonic ? mnemonic : null
}

/** As many words as a recovery phrase has, whatever they are. */
export function wordsOf(text: string): string[] | null {
  const words = text.trim().toLowerCase().split(/\s+/)
  return words.length === 12 || words.length === 24 ? words : null
}

/** Whether the text is a path of hardened segments only, such as `m/918'/0'/0'/0'`. */
export function isDerivationPath(text: string): boolean {
  return pathIndexes(text) !== null
}

/**
 * The key pair of a recovery phrase: BIP-39 seed without passphrase, then SLIP-10 with one hardened index per
 * letter of the prefix, then the path. Throws `bad_arguments` for a phrase, prefix or path that is none; the
 * error never repeats the phrase.
 */
export async function keyPairFromMnemonic(
  mnemonic: string,
  options: { prefix?: string; path?: string } = {}
): Promise<KeyPair> {
  const { prefix = ADDRESS_PREFIX, path = DERIVATION_PATH } = options
  const phrase = await normalMnemonic(mnemonic)
  if (phrase === null) {
    throw new IntercomError('bad_arguments', 'The recovery phrase is not valid.', {
      next: 'Give 12 or 24 English words in the right order, and look for a misspelt one.'
    })
  }
  if (!isAddressPrefix(prefix)) {
    throw new IntercomError('bad_arguments', 'The address prefix is not valid.', {
      next: 'A prefix is 1 to 31 letters a-z.'
    })
  }
  const indexes = pathIndexes(path)
  if (indexes === null) {
    throw new IntercomError('bad_arguments', 'The derivation path is not valid.', {
      next: `Give hardened segments only, as in ${DERIVATION_PATH}.`
    })
  }
  const master = await (await bip39()).mnemonicToSeed(phrase)
  const seed = deriveSeed(master, [...b4a.from(prefix), ...indexes])
  const pair = keyPairFromSeed(seed)
  sodium.sodium_memzero(master)
  sodium.sodium_memzero(seed)
  return pair
}

export function keyPairFromSeed(seed: Uint8Array): KeyPair {
  const publicKey = b4a.alloc(sodium.crypto_sign_PUBLICKEYBYTES)
  const secretKey = b4a.alloc(sodium.crypto_sign_SECRETKEYBYTES)
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed)
  return { publicKey, secretKey }
}

/** SLIP-10 for Ed25519, where every index is a hardened one: the 32-byte seed at the end of the path. */
export function deriveSeed(master: Uint8Array, indexes: readonly number[]): Buffer {
  // A node is the seed followed by the chain code.
  let node = hmacSha512(b4a.from('ed25519 seed'), master)
  for (const index of indexes) {
    const data = b4a.alloc(1 + SEED_BYTES + 4)
    data.set(node.subarray(0, SEED_BYTES), 1)
    new DataView(data.buffer, data.byteOffset).setUint32(1 + SEED_BYTES, index + HARDENED)
    const child = hmacSha512(node.subarray(SEED_BYTES), data)
    sodium.sodium_memzero(data)
    sodium.sodium_memzero(node)
    node = child
  }
  const seed = b4a.from(node.subarray(0, SEED_BYTES))
  sodium.sodium_memzero(node)
  return seed
}

function pathIndexes(path: string): number[] | null {
  if (!PATH.test(path)) return null
  const indexes = path
    .split('/')
    .slice(1)
    .map((segment) => Number(segment.slice(0, -1)))
  return indexes.every((index) => index < HARDENED) ? indexes : null
}

// Every key here is shorter than a block, so none has to be hashed first.
function hmacSha512(key: Uint8Array, data: Uint8Array): Buffer {
  const inner = keyedHash(key, 0x36, data)
  const outer = keyedHash(key, 0x5c, inner)
  sodium.sodium_memzero(inner)
  return outer
}

function keyedHash(key: Uint8Array, pad: number, data: Uint8Array): Buffer {
  const input = b4a.alloc(HMAC_BLOCK_BYTES + data.byteLength, pad)
  for (const [i, byte] of key.entries()) input[i] = byte ^ pad
  input.set(data, HMAC_BLOCK_BYTES)
  const hash = b4a.alloc(HASH_BYTES)
  sodium.crypto_hash_sha512(hash, input)
  sodium.sodium_memzero(input)
  return hash
}
