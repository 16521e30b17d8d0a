import test from 'brittle'
import fc from 'fast-check'
import { sameSecret } from '../../../src/access/secret.ts'

test('two secrets are the same when they are', (t) => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => sameSecret(a, b) === (a === b)))
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (a) => sameSecret(a, `${a}`)))
  t.ok(sameSecret('', ''))
  t.absent(sameSecret('token', 'token\0'))
  t.absent(sameSecret('token', 'Token'))
  t.absent(sameSecret('', 'x'.repeat(100_000)))
})
