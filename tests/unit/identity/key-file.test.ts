import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import fc from 'fast-check'
import sodium from 'sodium-universal'
import fs from '#fs'
import path from '#path'
import { IntercomError } from '../../../src/base/errors.ts'
import { toHex } from '../../../src/base/hex.ts'
import { keyPairFromMnemonic } from '../../../src/identity/derive.ts'
import {
  decodeKeyFile,
  encodeKeyFile,
  KEY_FILE_MAX_BYTES,
  parseKeyFile,
  parseWallet
} from '../../../src/identity/key-file.ts'

const TWELVE = `${'abandon '.repeat(11)}about`
const TWENTY_FOUR = `${'abandon '.repeat(23)}art`
const PATH = "m/918'/0'/0'/0'"
const EMPTY = b4a.alloc(0)

// Both were written by trac-wallet 1.0.1 itself.
const PLAIN = fixture('keypair-trac-wallet-1.0.1.json')
const LOCKED = fixture('keypair-trac-wallet-1.0.1-password.json')

function fixture(name: string): string {
  const folder = path.join(import.meta.dirname, '../../../../tests/fixtures')
  return b4a.toString(fs.readFileSync(path.join(folder, name)))
}

async function refusal(work: () => unknown): Promise<IntercomError> {
  try {
    await work()
  } catch (error) {
    if (error instanceof IntercomError) return error
    throw error
  }
  throw new Error('it was accepted')
}

async function isCorrupt(t: Assertions, text: string, what: string) {
  const error = await refusal(() => decodeKeyFile(text, EMPTY))
  t.is(error.code, 'key_file_corrupt', `${what}: ${error.message}`)
}

test('a deployed key file opens, while the event loop goes on', async (t) => {
  let ticks = 0
  const timer = setInterval(() => ticks++, 5)
  const wallet = await decodeKeyFile(PLAIN, EMPTY)
  clearInterval(timer)
  t.ok(ticks > 2, `${ticks} ticks`)
  t.alike(wallet, { ...(await keyPairFromMnemonic(TWELVE)), mnemonic: TWELVE, derivationPath: PATH })
})

test('one with a password opens with it alone', async (t) => {
  const wallet = await decodeKeyFile(LOCKED, b4a.from('pässword ☃'))
  t.is(toHex(wallet.publicKey), '2bd512e745edd753936e6ff5837777fe64c27167b76ef50bbe66c9f4ceb281bc')
  t.is(wallet.mnemonic, TWENTY_FOUR)
  t.is(wallet.derivationPath, "m/919'/0'/0'/0'")
  const error = await refusal(() => decodeKeyFile(LOCKED, b4a.from('password')))
  t.is(error.code, 'key_file_password')
  t.ok(/wrong password or damaged file/.test(error.message))
})

test('a damaged box does not open', async (t) => {
  const last = PLAIN.at(-3) === '0' ? '1' : '0'
  const error = await refusal(() => decodeKeyFile(`${PLAIN.slice(0, -3)}${last}"}`, EMPTY))
  t.is(error.code, 'key_file_password')
})

test('what is written has the layout of trac-wallet', async (t) => {
  const pair = await keyPairFromMnemonic(TWELVE)
  const text = await encodeKeyFile({ ...pair, mnemonic: TWELVE, derivationPath: PATH }, b4a.from('secret'))
  const fields = JSON.parse(text)
  t.alike(Object.keys(fields), ['nonce', 'salt', 'ciphertext'])
  t.alike([fields.nonce.length, fields.salt.length, fields.ciphertext.length], [48, 32, 796])
  t.is(text.length, PLAIN.length)
  t.not(fields.nonce, JSON.parse(PLAIN).nonce)

  // Opened with nothing but the primitives that the format names.
  const sealed = parseKeyFile(text)
  const key = b4a.alloc(32)
  await sodium.crypto_pwhash_async(key, b4a.from('secret'), sealed.salt, 3, 268_435_456, 1)
  const plain = b4a.alloc(398 - 16)
  t.ok(sodium.crypto_secretbox_open_easy(plain, sealed.ciphertext, sealed.nonce, key))
  t.is(
    b4a.toString(plain),
    `{
  "publicKey": "${toHex(pair.publicKey)}",
  "secretKey": "${toHex(pair.secretKey)}",
  "mnemonic": "${TWELVE}",
  "derivationPath": "${PATH}"
}`
  )
})

test('without a password the key is known, and is what the format says', async (t) => {
  const wallet = { ...(await keyPairFromMnemonic(TWELVE)), mnemonic: TWELVE, derivationPath: PATH }
  const texts = [await encodeKeyFile(wallet, EMPTY), await encodeKeyFile(wallet, EMPTY)]
  const [one, two] = texts.map((text) => parseKeyFile(text))
  t.alike(one?.salt, two?.salt)
  t.unlike(one?.nonce, two?.nonce)
  for (const text of texts) t.alike(await decodeKeyFile(text, EMPTY), wallet, 'also after a key was wiped')

  const key = b4a.alloc(32)
  const plain = b4a.alloc(398 - 16)
  if (one === undefined) throw new Error('there is no file')
  await sodium.crypto_pwhash_async(key, EMPTY, one.salt, 3, 268_435_456, 1)
  t.ok(sodium.crypto_secretbox_open_easy(plain, one.ciphertext, one.nonce, key), 'as other programs open it')
})

test('a pair that does not belong together is not written', async (t) => {
  const one = await keyPairFromMnemonic(TWELVE)
  const two = await keyPairFromMnemonic(TWENTY_FOUR)
  const wallet = { publicKey: one.publicKey, secretKey: two.secretKey, mnemonic: null, derivationPath: null }
  const error = await encodeKeyFile(wallet, EMPTY).catch((error: unknown) => error)
  t.ok(/does not belong/.test(String(error)))
})

test('the content of an opened box', async (t) => {
  const pair = await keyPairFromMnemonic(TWELVE)
  const other = await keyPairFromMnemonic(TWENTY_FOUR)
  const good = {
    publicKey: toHex(pair.publicKey),
    secretKey: toHex(pair.secretKey),
    mnemonic: TWELVE,
    derivationPath: PATH
  }
  const parse = (value: unknown) => parseWallet(b4a.from(JSON.stringify(value)))

  t.alike(parse(good), { ...pair, mnemonic: TWELVE, derivationPath: PATH })
  const none = { ...pair, mnemonic: null, derivationPath: null }
  t.alike(parse({ ...good, mnemonic: null, derivationPath: null }), none)
  t.alike(parse({ publicKey: good.publicKey, secretKey: good.secretKey }), none, 'older files')
  t.alike(parse({ ...good, mnemonic: 'not a phrase', derivationPath: 'm/0' }), none)

  const bad: [string, unknown][] = [
    ['no object', null],
    ['a list', [good]],
    ['text', 'abandon'],
    ['no keys', {}],
    ['no secret key', { ...good, secretKey: undefined }],
    ['a short public key', { ...good, publicKey: good.publicKey.slice(2) }],
    ['a short secret key', { ...good, secretKey: good.secretKey.slice(2) }],
    ['a seed alone', { ...good, secretKey: good.secretKey.slice(0, 64) }],
    ['no hex', { ...good, publicKey: `zz${good.publicKey.slice(2)}` }],
    ['numbers', { ...good, publicKey: 1, secretKey: 2 }],
    ['the public key of another', { ...good, publicKey: toHex(other.publicKey) }],
    ['the seed of another', { ...good, secretKey: toHex(other.secretKey).slice(0, 64) + good.publicKey }],
    [
      'the second half of another',
      { ...good, secretKey: good.secretKey.slice(0, 64) + toHex(other.publicKey) }
    ],
    ['a list as phrase', { ...good, mnemonic: TWELVE.split(' ') }],
    ['a number as path', { ...good, derivationPath: 918 }]
  ]
  for (const [what, value] of bad) {
    const error = await refusal(() => parse(value))
    t.is(error.code, 'key_file_corrupt', `${what}: ${error.message}`)
    t.absent(shown(error).includes('abandon') || shown(error).includes(good.secretKey.slice(0, 16)))
  }
})

test('what is no key file fails before any costly work', async (t) => {
  const { nonce, salt, ciphertext } = JSON.parse(PLAIN)
  const file = (change: object) => JSON.stringify({ nonce, salt, ciphertext, ...change })
  await isCorrupt(t, '', 'empty')
  await isCorrupt(t, ' \n', 'blank')
  await isCorrupt(t, TWELVE, 'a phrase')
  for (const text of ['null', '1', '"x"', '[]', '{}', `[${PLAIN}]`, `${PLAIN}${PLAIN}`])
    await isCorrupt(t, text, text.slice(0, 20))
  await isCorrupt(t, PLAIN.replace('nonce', 'nonse'), 'a wrong name')
  await isCorrupt(t, file({ nonce: undefined }), 'no nonce')
  await isCorrupt(t, file({ kdf: 'scrypt' }), 'one field more')
  await isCorrupt(t, file({ nonce: nonce.slice(2) }), 'a short nonce')
  await isCorrupt(t, file({ nonce: `${nonce}00` }), 'a long nonce')
  await isCorrupt(t, file({ nonce: nonce.slice(1) }), 'half a byte')
  await isCorrupt(t, file({ salt: salt.slice(2) }), 'a short salt')
  await isCorrupt(t, file({ salt: `${salt.slice(2)}zz` }), 'no hex')
  await isCorrupt(t, file({ salt: null }), 'no salt')
  await isCorrupt(t, file({ ciphertext: ciphertext.slice(0, 2 * 207) }), 'no room for two keys')
  await isCorrupt(t, file({ ciphertext: ciphertext.slice(1) }), 'half a byte')
  await isCorrupt(t, file({ ciphertext: [ciphertext] }), 'a list')
  await isCorrupt(t, file({ ciphertext: ciphertext.repeat(30) }), 'too long')
  await isCorrupt(t, ' '.repeat(KEY_FILE_MAX_BYTES) + PLAIN, 'too long')
})

test('an error repeats nothing of the file', async (t) => {
  const error = await refusal(() => decodeKeyFile(TWELVE, EMPTY))
  t.absent(shown(error).includes('abandon'))
  t.ok(error.message.startsWith('The key file '))
})

function shown(error: IntercomError): string {
  return `${error.message} ${error.next} ${error.stack} ${String(error.cause)}`
}

// A derivation per case would take hours: that these end at all shows that none gets that far.
test('text that is cut short, changed or random is corrupt and nothing else', async (t) => {
  const corrupt = async (text: string) =>
    (await refusal(() => decodeKeyFile(text, EMPTY))).code === 'key_file_corrupt'
  const hex = (lengths: number[]) =>
    fc
      .constantFrom(...lengths)
      .chain((n) => fc.string({ unit: fc.constantFrom(...'09afAF'), minLength: n, maxLength: n }))

  for (let cut = 0; cut < PLAIN.length; cut++) {
    if (!(await corrupt(PLAIN.slice(0, cut)))) t.fail(`cut at ${cut}`)
  }
  await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary' }), corrupt))
  await fc.assert(fc.asyncProperty(fc.json(), corrupt))
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: PLAIN.length - 1 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      (at, char) => {
        fc.pre(!/[0-9a-fA-F\s]/.test(char) && char !== PLAIN[at])
        return corrupt(PLAIN.slice(0, at) + char + PLAIN.slice(at + 1))
      }
    )
  )
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        nonce: hex([0, 46, 47, 49]),
        salt: hex([0, 30, 32, 34]),
        ciphertext: hex([0, 31, 416, 796])
      }),
      (fields) => corrupt(JSON.stringify(fields))
    )
  )
  t.pass()
})
