import b4a from 'b4a'
import sodium from 'sodium-universal'
import { IntercomError } from '../base/errors.ts'
import { toHex } from '../base/hex.ts'
import { isDerivationPath, type KeyPair, keyPairFromSeed, wordsOf } from './derive.ts'

export type Wallet = KeyPair & {
  /** As it stands in the file: whether the words are a recovery phrase is looked at when they are shown. */
  readonly mnemonic: string | null
  readonly derivationPath: string | null
}

/** What a key file holds, before it is opened. */
export type SealedWallet = { readonly nonce: Buffer; readonly salt: Buffer; readonly ciphertext: Buffer }

/** Real files have about 1 KB. */
export const KEY_FILE_MAX_BYTES = 16_384

// The format of trac-wallet 1.0.1 (spec/subnet 1.3): Argon2i v1.3, then XSalsa20-Poly1305.
const ARGON_OPERATIONS = 3
const ARGON_MEMORY_BYTES = 256 * 1024 * 1024
const BOX_KEY_BYTES = 32
const NONCE_BYTES = 24
const SALT_BYTES = 16
/**
 * An empty password hides nothing, but to derive its key takes most of a start and 256 MiB. So files without a password
 * have one salt here, whose key is known (docs/decisions/0011).
 */
const WITHOUT_PASSWORD = {
  salt: b4a.from('no password here'),
  key: b4a.from('cd014882ae7c92adc29180bc272ad0dbfd2787fc5addb999552265f66049126b', 'hex')
} as const

// The two keys in hex alone take this much.
const LEAST_PLAIN_BYTES = 192

const HEX = /^(?:[0-9a-fA-F]{2})+$/

/** The text of a key file with this wallet. An empty password is allowed, and hides nothing. */
export async function encodeKeyFile(wallet: Wallet, password: Uint8Array): Promise<string> {
  if (!belongTogether(wallet)) throw new RangeError('the public key does not belong to the secret key')
  const nonce = b4a.alloc(NONCE_BYTES)
  sodium.randombytes_buf(nonce)
  const salt = newSalt(password)
  const fields = {
    publicKey: toHex(wallet.publicKey),
    secretKey: toHex(wallet.secretKey),
    mnemonic: wallet.mnemonic,
    derivationPath: wallet.derivationPath
  }
  const key = await boxKey(password, salt, 'The key file')
  const plain = b4a.from(JSON.stringify(fields, null, 2))
  const ciphertext = b4a.alloc(plain.byteLength + sodium.crypto_secretbox_MACBYTES)
  sodium.crypto_secretbox_easy(ciphertext, plain, nonce, key)
  sodium.sodium_memzero(plain)
  sodium.sodium_memzero(key)
  return JSON.stringify({ nonce: toHex(nonce), salt: toHex(salt), ciphertext: toHex(ciphertext) })
}

/**
 * Opens a key file. Throws `key_file_corrupt` for what is none, before any costly work, and
 * `key_file_password` when the box does not open. `name` is how errors call the file.
 */
export async function decodeKeyFile(
  text: string,
  password: Uint8Array,
  name = 'The key file'
): Promise<Wallet> {
  const sealed = parseKeyFile(text, name)
  const key = await boxKey(password, sealed.salt, name)
  const plain = b4a.alloc(sealed.ciphertext.byteLength - sodium.crypto_secretbox_MACBYTES)
  try {
    if (!sodium.crypto_secretbox_open_easy(plain, sealed.ciphertext, sealed.nonce, key))
      throw new IntercomError('key_file_password', `${name} does not open: wrong password or damaged file.`)
    return parseWallet(plain, name)
  } finally {
    sodium.sodium_memzero(plain)
    sodium.sodium_memzero(key)
  }
}

/** The outer shape of a key file: exactly these three fields, since any other could change what they mean. */
export function parseKeyFile(text: string, name = 'The key file'): SealedWallet {
  if (text.trim() === '') throw corrupt(name, 'is empty')
  if (text.length > KEY_FILE_MAX_BYTES) throw corrupt(name, 'is too large to be a key file')
  const fields = parseObject(text)
  if (fields === null) throw corrupt(name, 'is not a JSON object')
  if (Object.keys(fields).sort().join() !== 'ciphertext,nonce,salt')
    throw corrupt(name, 'does not have the fields of a key file')
  const nonce = hexBytes(fields.nonce)
  const salt = hexBytes(fields.salt)
  const ciphertext = hexBytes(fields.ciphertext)
  if (nonce?.byteLength !== NONCE_BYTES) throw corrupt(name, 'has a damaged nonce')
  if (salt?.byteLength !== SALT_BYTES) throw corrupt(name, 'has a damaged salt')
  if (ciphertext === null || ciphertext.byteLength < LEAST_PLAIN_BYTES + sodium.crypto_secretbox_MACBYTES)
    throw corrupt(name, 'has a damaged ciphertext')
  return { nonce, salt, ciphertext }
}

/**
 * What was inside the box. The keys must be whole and belong together; too few words, or a path that nothing can be
 * derived from, read as none, as deployed wallets read them.
 */
export function parseWallet(plain: Uint8Array, name = 'The key file'): Wallet {
  const fields = parseObject(b4a.toString(plain))
  if (fields === null) throw corrupt(name, 'does not hold a wallet')
  const publicKey = hexBytes(fields.publicKey)
  const secretKey = hexBytes(fields.secretKey)
  if (publicKey === null || secretKey === null) throw corrupt(name, 'does not hold a key pair')
  if (!belongTogether({ publicKey, secretKey }))
    throw corrupt(name, 'holds a public key and a secret key that do not belong together')
  const { mnemonic = null, derivationPath = null } = fields
  if (!isTextOrNull(mnemonic) || !isTextOrNull(derivationPath))
    throw corrupt(name, 'holds a recovery phrase or path that is not text')
  return {
    publicKey,
    secretKey,
    mnemonic: mnemonic !== null && wordsOf(mnemonic) !== null ? mnemonic : null,
    derivationPath: derivationPath !== null && isDerivationPath(derivationPath) ? derivationPath : null
  }
}

function belongTogether({ publicKey, secretKey }: KeyPair): boolean {
  if (publicKey.byteLength !== sodium.crypto_sign_PUBLICKEYBYTES) return false
  if (secretKey.byteLength !== sodium.crypto_sign_SECRETKEYBYTES) return false
  const pair = keyPairFromSeed(secretKey.subarray(0, 32))
  return b4a.equals(pair.publicKey, publicKey) && b4a.equals(pair.secretKey, secretKey)
}

function newSalt(password: Uint8Array): Buffer {
  if (password.byteLength === 0) return WITHOUT_PASSWORD.salt
  const salt = b4a.alloc(SALT_BYTES)
  sodium.randombytes_buf(salt)
  return salt
}

/** Belongs to the caller, who wipes it. */
async function boxKey(password: Uint8Array, salt: Uint8Array, name: string): Promise<Buffer> {
  if (password.byteLength === 0 && b4a.equals(salt, WITHOUT_PASSWORD.salt))
    return b4a.from(WITHOUT_PASSWORD.key)
  const key = b4a.alloc(BOX_KEY_BYTES)
  const derived = sodium.crypto_pwhash_async(
    key,
    password,
    salt,
    ARGON_OPERATIONS,
    ARGON_MEMORY_BYTES,
    sodium.crypto_pwhash_ALG_ARGON2I13
  )
  try {
    await derived
  } catch (cause) {
    // With arguments of the right sizes this is all that it fails for.
    throw new IntercomError('key_file_io', `${name} needs 256 MiB of free memory for its password.`, {
      next: 'Free some memory, or raise the memory limit of this process.',
      cause
    })
  }
  return key
}

// The parser's own error is dropped on purpose: it quotes the text, which may be a secret.
function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null
  } catch {
    // See above; the caller says that the file is damaged.
    return null
  }
}

function hexBytes(value: unknown): Buffer | null {
  return typeof value === 'string' && HEX.test(value) ? b4a.from(value, 'hex') : null
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}

function corrupt(name: string, what: string): IntercomError {
  return new IntercomError('key_file_corrupt', `${name} ${what}.`)
}
