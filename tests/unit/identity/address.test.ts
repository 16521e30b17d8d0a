import b4a from 'b4a'
import { bech32, bech32m } from 'bech32'
import test from 'brittle'
import fc from 'fast-check'
import { decodeAddress, encodeAddress } from '../../../src/identity/address.ts'

const KEY = b4a.from('17cea8fa0c8d6993e05bd5f4ad8cff9f413b40d8685bc5e633cbba6f78f5dfc5', 'hex')
const ADDRESS = 'trac1zl8237sv345e8czm6h62mr8lnaqnksxcdpdute3newax7784mlzspgq04v'

function thrown(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return String(error)
  }
  return 'nothing'
}

const keys = fc.uint8Array({ minLength: 32, maxLength: 32 })

test('the golden address, both ways', (t) => {
  t.is(encodeAddress(KEY), ADDRESS)
  t.is(ADDRESS.length, 63)
  t.alike(decodeAddress(ADDRESS), KEY)
  t.alike(decodeAddress(ADDRESS.toUpperCase()), KEY, 'as a QR code may carry it')
})

test('other prefixes', (t) => {
  const address = encodeAddress(KEY, 'test')
  t.ok(address.startsWith('test1'))
  t.alike(decodeAddress(address, 'test'), KEY)
  t.is(decodeAddress(address), null)
  t.is(decodeAddress(ADDRESS, 'test'), null)
})

test('what is no address', (t) => {
  for (const text of [
    '',
    'trac',
    'trac1',
    ADDRESS.slice(0, -1),
    `${ADDRESS}q`,
    ` ${ADDRESS}`,
    ADDRESS.replace('zl8', 'zl9'),
    ADDRESS.replace('trac', 'Trac'),
    bech32.encode('trac', bech32.toWords(KEY)),
    bech32m.encode('trac', bech32m.toWords(KEY.subarray(1))),
    bech32m.encode('trac', bech32m.toWords(b4a.concat([KEY, KEY.subarray(31)]))),
    'x'.repeat(100_000),
    null,
    undefined,
    63,
    {}
  ])
    t.is(decodeAddress(text), null, String(text).slice(0, 70))
})

test('only what is a key and a prefix is encoded', (t) => {
  for (const size of [0, 31, 33, 64]) t.ok(/32 bytes/.test(thrown(() => encodeAddress(b4a.alloc(size)))))
  for (const prefix of ['', 'TRAC', 'a1', 'é', 'x'.repeat(32)])
    t.ok(/letters/.test(thrown(() => encodeAddress(KEY, prefix))))
})

test('every key survives the round trip', (t) => {
  fc.assert(
    fc.property(keys, (key) => {
      const decoded = decodeAddress(encodeAddress(key))
      return decoded !== null && b4a.equals(decoded, key)
    })
  )
  t.pass()
})

test('no changed character goes unnoticed', (t) => {
  const letters = fc.constantFrom(...'qpzry9x8gf2tvdw0s3jn54khce6mua7l')
  fc.assert(
    fc.property(keys, fc.nat({ max: 57 }), letters, (key, at, letter) => {
      const address = encodeAddress(key)
      const i = 'trac1'.length + at
      fc.pre(address[i] !== letter)
      return decodeAddress(address.slice(0, i) + letter + address.slice(i + 1)) === null
    })
  )
  t.pass()
})

test('any value is decoded or refused, never a throw', (t) => {
  fc.assert(fc.property(fc.anything(), (value) => decodeAddress(value) === null))
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => decodeAddress(`trac1${text}`) === null))
  t.pass()
})
