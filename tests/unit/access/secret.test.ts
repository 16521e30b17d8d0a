import test from 'brittle'
import fc from 'fast-check'
import { sameSecret } from '../../../src/access/secret.ts'
import { THROTTLE, Throttle } from '../../../src/access/throttle.ts'

test('two secrets are the same when they are', (t) => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => sameSecret(a, b) === (a === b)))
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (a) => sameSecret(a, `${a}`)))
  t.ok(sameSecret('', ''))
  t.absent(sameSecret('token', 'token\0'))
  t.absent(sameSecret('token', 'Token'))
  t.absent(sameSecret('', 'x'.repeat(100_000)))
})

test('wrong tokens wait twice as long each time, by address, and are forgotten', (t) => {
  const throttle = new Throttle()
  const delays = Array.from({ length: 10 }, () => throttle.fail('::1', 1000))
  t.alike(delays, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000])
  t.is(throttle.fail('127.0.0.1', 1000), 100, 'another address')
  t.is(throttle.fail('::1', 1001 + THROTTLE.forgetMs), 100)
  for (let i = 0; i < 3; i++) throttle.fail('10.0.0.1', 0)
  for (let i = 0; i < 5000; i++) throttle.fail(`host ${i}`, 0)
  t.is(throttle.fail('10.0.0.1', 0), 100, 'it does not remember without end')
})
