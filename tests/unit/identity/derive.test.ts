import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import { IntercomError } from '../../../src/base/errors.ts'
import { toHex } from '../../../src/base/hex.ts'
import {
  createMnemonic,
  deriveSeed,
  isDerivationPath,
  keyPairFromMnemonic,
  normalMnemonic
} from '../../../src/identity/derive.ts'

const TWELVE = `${'abandon '.repeat(11)}about`
const TWENTY_FOUR = `${'abandon '.repeat(23)}art`

// The first block are the golden vectors of the spec (G1), the others were made with trac-wallet 1.0.1.
const GOLDEN: readonly [mnemonic: string, options: { prefix?: string; path?: string }, publicKey: string][] =
  [
    [TWELVE, {}, '17cea8fa0c8d6993e05bd5f4ad8cff9f413b40d8685bc5e633cbba6f78f5dfc5'],
    [TWELVE, { prefix: 'test' }, '4ed5b79c8841e92180c189c89c45318ba52ec7227324c26410f3c6562b6bfe18'],
    [TWELVE, { path: "m/919'/0'/0'/0'" }, '5fde2acac7e73b663040875ffc95f6a865a8a326ad2f63ea65d38e9bd8f6077d'],
    [TWENTY_FOUR, {}, 'c9c29cefe54eedc4bb0306d72b7c0997657e846e8be4cd4c8f926f35e7f7f6f5'],
    [TWENTY_FOUR, { prefix: 'a' }, 'b30ac3db4bd3913f4cca3de1efd1d4ccbb222abdfdee1b797e7cea94de0d5e62'],
    [TWENTY_FOUR, { path: "m/0'" }, '310f27efdae35b37cbee9af07c9111f78092a74a4f707e040f805db7e78c9fd6'],
    [
      TWENTY_FOUR,
      { path: "m/2147483647'/007'" },
      '348c175a0d691c2f9e32be01a6648209fbcd166874db3d7e94048a35f2a82f54'
    ],
    [
      'legal winner thank year wave sausage worth useful legal winner thank yellow',
      {},
      'bc69e4a1b488bb005518e12ee64ba574c975ae9ccd277eeb2c0ab079a2de9ee0'
    ]
  ]

test('golden key pairs', async (t) => {
  for (const [mnemonic, options, publicKey] of GOLDEN) {
    const pair = await keyPairFromMnemonic(mnemonic, options)
    t.is(toHex(pair.publicKey), publicKey)
    t.is(toHex(pair.secretKey.subarray(32)), publicKey)
  }
  const { secretKey } = await keyPairFromMnemonic(TWELVE)
  t.is(toHex(secretKey.subarray(0, 32)), '237425bbeb5aeb9bb52d0cf9a26f337ba1df52fcb051df4b137e8c3a7b1c0405')
})

// SLIP-0010, "Test vector 1 for ed25519" and "2".
test('the vectors of SLIP-10', (t) => {
  const one = b4a.from('000102030405060708090a0b0c0d0e0f', 'hex')
  const two = b4a.from(
    'fffcf9f6f3f0edeae7e4e1dedbd8d5d2cfccc9c6c3c0bdbab7b4b1aeaba8a5a29f9c999693908d8a8784817e7b7875726f6c696663605d5a5754514e4b484542',
    'hex'
  )
  const seeds: readonly [Uint8Array, number[], string][] = [
    [one, [], '2b4be7f19ee27bbf30c667b642d5f4aa69fd169872f8fc3059c08ebae2eb19e7'],
    [one, [0], '68e0fe46dfb67e368c75379acec591dad19df3cde26e63b93a8e704f1dade7a3'],
    [one, [0, 1], 'b1d0bad404bf35da785a64ca1ac54b2617211d2777696fbffaf208f746ae84f2'],
    [one, [0, 1, 2, 2, 1_000_000_000], '8f94d394a8e8fd6b1bc2f3f49f5c47e385281d5c17e65324b0f62483e37e8793'],
    [two, [], '171cb88b1b3c1db25add599712e36245d75bc65a1a5c9e18d76f9f2b1eab4012'],
    [
      two,
      [0, 2147483647, 1, 2147483646, 2],
      '551d333177df541ad876a60ea71f00447931c0a9da16f227c11ea080d7391b8d'
    ]
  ]
  for (const [master, indexes, seed] of seeds) t.is(toHex(deriveSeed(master, indexes)), seed)
})

test('a phrase is taken as people type it', async (t) => {
  const typed = ` \n${TWELVE.toUpperCase().replaceAll(' ', ' \t ')}\n`
  t.is(await normalMnemonic(typed), TWELVE)
  t.alike(await keyPairFromMnemonic(typed), await keyPairFromMnemonic(TWELVE))
})

test('a new phrase has 24 words and is another every time', async (t) => {
  const mnemonic = await createMnemonic()
  t.is(mnemonic.split(' ').length, 24)
  t.is(await normalMnemonic(mnemonic), mnemonic)
  t.not(await createMnemonic(), mnemonic)
  t.is((await keyPairFromMnemonic(mnemonic)).secretKey.byteLength, 64)
})

test('what is no phrase', async (t) => {
  for (const text of [
    '',
    'abandon',
    'abandon '.repeat(12),
    'abandon '.repeat(11),
    TWELVE.replace('about', 'abuot'),
    `${TWELVE} ${TWELVE}`,
    // 18 words and 6 words with a right checksum.
    `letter advice cage absurd amount doctor acoustic avoid ${'letter advice cage absurd amount doctor acoustic avoid'} letter always`,
    'abandon abandon abandon abandon abandon abandon',
    // Right in their own languages.
    `${'abaco '.repeat(11)}abete`,
    `${'abaisser '.repeat(11)}abeille`,
    `${'あいこくしん '.repeat(11)}あおぞら`,
    'constructor '.repeat(12),
    '__proto__ '.repeat(24)
  ]) {
    t.is(await normalMnemonic(text), null, text.slice(0, 30))
    await refused(keyPairFromMnemonic(text))
  }
  async function refused(work: Promise<unknown>) {
    const error = await work.catch((error: unknown) => error)
    t.ok(error instanceof IntercomError && error.code === 'bad_arguments')
    t.absent(
      /abandon|abuot|letter|abaco/.test(
        `${(error as IntercomError).message} ${(error as IntercomError).next}`
      )
    )
  }
})

test('paths and prefixes', async (t) => {
  for (const path of ["m/0'", "m/918'/0'/0'/0'", "m/2147483647'"]) t.ok(isDerivationPath(path), path)
  const bad = [
    '',
    'm',
    'm/',
    'm/0',
    "m/0'/1",
    "m/2147483648'",
    "m/-1'",
    "m/1e3'",
    "M/0'",
    "m/0''",
    "m/ 0'",
    "m/0'/",
    "0'"
  ]
  for (const path of bad) {
    t.absent(isDerivationPath(path), path)
    await t.exception(keyPairFromMnemonic(TWELVE, { path }), /derivation path/)
  }
  for (const prefix of ['', 'Trac', 'tr ac', 'é']) {
    await t.exception(keyPairFromMnemonic(TWELVE, { prefix }), /prefix/)
  }
})

test('any text is a phrase or none, never a throw', async (t) => {
  const words = fc.array(fc.constantFrom('abandon', 'about', 'abaisser', 'constructor', '的', ''), {
    maxLength: 25
  })
  const text = fc.string({ unit: 'binary' })
  await fc.assert(fc.asyncProperty(text, async (text) => (await normalMnemonic(text)) === null))
  await fc.assert(
    fc.asyncProperty(words, async (list) => {
      const normal = await normalMnemonic(list.join(' '))
      return normal === null || normal === (await normalMnemonic(normal))
    })
  )
  fc.assert(fc.property(fc.string(), (path) => typeof isDerivationPath(`m/${path}`) === 'boolean'))
  t.pass()
})
