import test from 'brittle'
import fc from 'fast-check'
import { TokenBucket } from '../../../src/base/bucket.ts'

test('a full bucket gives its burst, then what flows in', (t) => {
  const bucket = new TokenBucket(1000, 500, 0)
  t.ok(bucket.isFull(0))
  t.ok(bucket.take(500, 0))
  t.absent(bucket.take(1, 0))
  t.is(bucket.delay(100, 0), 100)
  t.absent(bucket.take(100, 99))
  t.ok(bucket.take(100, 100))
  t.absent(bucket.isFull(100))
  t.ok(bucket.take(500, 10_000), 'no more than the burst is kept')
  t.absent(bucket.take(1, 10_000))
})

test('what is larger than the burst never passes', (t) => {
  const bucket = new TokenBucket(1000, 500, 0)
  t.absent(bucket.take(501, 1e9))
  t.is(bucket.delay(501, 1e9), Number.POSITIVE_INFINITY)
  t.ok(bucket.take(500, 1e9), 'and takes nothing')
  t.is(new TokenBucket(0, 5, 0).delay(6, 0), Number.POSITIVE_INFINITY)
})

test('a clock set back neither fills the bucket nor dries it up', (t) => {
  const bucket = new TokenBucket(1000, 500, 1_000_000)
  t.ok(bucket.take(500, 1_000_000))
  t.absent(bucket.take(1, 0))
  t.ok(bucket.take(100, 100))
})

test('never gives more than burst and rate allow', (t) => {
  const step = fc.record({ wait: fc.nat(500), cost: fc.nat(300) })
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const bucket = new TokenBucket(300, 250, 0)
      let now = 0
      let given = 0
      for (const { wait, cost } of steps) {
        now += wait
        const due = bucket.delay(cost, now)
        const took = bucket.take(cost, now)
        if (took) given += cost
        if (took !== (due === 0) || given > 250 + (now / 1000) * 300 + 1e-6) return false
        if (!took && due !== Number.POSITIVE_INFINITY) {
          now += due
          if (!bucket.take(cost, now)) return false
          given += cost
        }
      }
      return true
    })
  )
  t.pass()
})
