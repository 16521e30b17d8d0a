import test from 'brittle'
import { Throttle } from '../../../src/access/throttle.ts'
import { THROTTLE } from '../../../src/bridge/limits.ts'

test('each wrong token of an address waits twice as long, up to a limit', (t) => {
  const throttle = new Throttle()
  const delays = Array.from({ length: 10 }, () => throttle.fail('::1', 0))
  t.alike(delays, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000])
  t.is(throttle.fail('127.0.0.1', 0), 100, 'another address')
})

test('it forgets after a while', (t) => {
  const throttle = new Throttle()
  throttle.fail('::1', 0)
  t.is(throttle.fail('::1', THROTTLE.forgetMs), 200)
  t.is(throttle.fail('::1', 2 * THROTTLE.forgetMs + 1), 100)
})

test('what it remembers is bounded, and who is busy stays', (t) => {
  const throttle = new Throttle()
  throttle.fail('busy', 0)
  for (let i = 0; i < 5 * THROTTLE.addresses; i++) {
    throttle.fail(`address ${i}`, 0)
    if (i % 1000 === 0) throttle.fail('busy', 0)
  }
  t.is(throttle.fail('busy', 0), 10_000)
  t.is(throttle.fail('address 0', 0), 100)
})
