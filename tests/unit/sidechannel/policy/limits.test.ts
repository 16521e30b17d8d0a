import test from 'brittle'
import fc from 'fast-check'
import { ConnectionRate } from '../../../../features/sidechannel/policy/rate.ts'
import { isTooLarge, largestCopy, largestMessage } from '../../../../features/sidechannel/policy/size.ts'
import { Strikes } from '../../../../features/sidechannel/policy/strikes.ts'

const LIMITS = { rate: 1000, burst: 4000, maxStrikes: 3 }

test('the third strike within five seconds blocks for thirty', (t) => {
  const strikes = new Strikes(3)
  strikes.strike(0)
  strikes.strike(100)
  t.absent(strikes.isBlocked(100))
  strikes.strike(4_999)
  t.ok(strikes.isBlocked(4_999))
  t.ok(strikes.isBlocked(34_998))
  t.absent(strikes.isBlocked(34_999))
  t.ok(strikes.isClean(34_999))
})

test('strikes further apart do not add up, and none block when they are off', (t) => {
  const strikes = new Strikes(3)
  for (let n = 0; n < 20; n++) strikes.strike(n * 2500)
  t.absent(strikes.isBlocked(20 * 2500))
  t.absent(strikes.isClean(19 * 2500 + 4999))
  t.ok(strikes.isClean(19 * 2500 + 5000))
  const never = new Strikes(0)
  for (let n = 0; n < 100; n++) never.strike(0)
  t.absent(never.isBlocked(0))
})

test('a clock set back does not prolong a block', (t) => {
  const strikes = new Strikes(1)
  strikes.strike(1_000_000)
  t.ok(strikes.isBlocked(0))
  t.absent(strikes.isBlocked(30_000))
})

test("a neighbour's own messages: its budget, then strikes, then the block", (t) => {
  const rate = new ConnectionRate(LIMITS, 0)
  t.ok(rate.admitOwn(4000, 0))
  t.absent(rate.admitOwn(1, 0))
  t.absent(rate.admitOwn(1, 0))
  t.absent(rate.isBlocked(0))
  t.absent(rate.admitOwn(1, 0))
  t.ok(rate.isBlocked(0))
  t.absent(rate.isBlocked(30_000))
  t.ok(rate.admitOwn(4000, 30_000))
})

test('a relay is not blamed for its authors, nor one author for another', (t) => {
  const rate = new ConnectionRate(LIMITS, 0)
  t.ok(rate.admitRelayed('a', 4000, 0))
  for (let n = 0; n < 20; n++) t.absent(rate.admitRelayed('a', 1, 0))
  t.absent(rate.isBlocked(0))
  t.ok(rate.admitRelayed('b', 4000, 0))
  t.ok(rate.admitOwn(4000, 0))
  t.absent(rate.admitRelayed('a', 1, 10_000), 'the author is blocked on this connection')
  t.ok(rate.admitRelayed('a', 1, 30_000))
})

test('the whole connection has a coarse cap', (t) => {
  const rate = new ConnectionRate(LIMITS, 0)
  for (let n = 0; n < 16; n++) t.ok(rate.admitFrame(4000, 0))
  t.absent(rate.admitFrame(1, 0))
  t.ok(rate.admitFrame(16_000, 1000))
  for (let n = 0; n < 3; n++) rate.admitFrame(1_000_000, 1000)
  t.ok(rate.isBlocked(1000))
})

test('new names are no way around the limit', (t) => {
  const rate = new ConnectionRate(LIMITS, 0)
  for (let n = 0; n < 1024; n++) t.ok(rate.admitRelayed(`author ${n}`, 2000, 0))
  t.absent(rate.admitRelayed('one more', 1, 0))
  t.absent(rate.admitRelayed('one more', 1, 1999))
  t.ok(rate.admitRelayed('one more', 1, 2000), 'once the oldest has its budget back')
  t.absent(rate.isBlocked(2000))
})

test('limits off means none, but for what is malformed', (t) => {
  const rate = new ConnectionRate({ ...LIMITS, rate: 0 }, 0)
  for (let n = 0; n < 100; n++) {
    t.ok(rate.admitFrame(1e9, 0))
    t.ok(rate.admitOwn(1e9, 0))
    t.ok(rate.admitRelayed('a', 1e9, 0))
  }
  t.absent(rate.isBlocked(0))
})

test('a few malformed frames are forgiven, many are not', (t) => {
  const rate = new ConnectionRate(LIMITS, 0)
  for (let n = 0; n < 18; n++) rate.handleMalformed(0)
  t.absent(rate.isBlocked(0))
  rate.handleMalformed(0)
  t.ok(rate.isBlocked(0))
  const slow = new ConnectionRate(LIMITS, 0)
  for (let n = 0; n < 1000; n++) slow.handleMalformed(n * 1000)
  t.absent(slow.isBlocked(1_000_000))
})

test('never admits more than the budget allows, however it is cut', (t) => {
  const step = fc.record({ wait: fc.nat(300), bytes: fc.nat(3000), author: fc.constantFrom(null, 'a', 'b') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const rate = new ConnectionRate({ ...LIMITS, maxStrikes: 0 }, 0)
      const admitted = new Map<string | null, number>()
      let now = 0
      for (const { wait, bytes, author } of steps) {
        now += wait
        const ok = author === null ? rate.admitOwn(bytes, now) : rate.admitRelayed(author, bytes, now)
        if (ok) admitted.set(author, (admitted.get(author) ?? 0) + bytes)
        for (const total of admitted.values()) if (total > 4000 + now + 1e-6) return false
      }
      return true
    })
  )
  t.pass()
})

test('sizes', (t) => {
  t.absent(isTooLarge(1_000_000, 1_000_000))
  t.ok(isTooLarge(1_000_001, 1_000_000))
  t.is(largestMessage({ maxBytes: 1_000_000, rate: 64_000, burst: 256_000 }), 255_904)
  t.is(largestCopy({ maxBytes: 1_000_000, rate: 64_000, burst: 256_000 }), 256_000)
  t.is(largestMessage({ maxBytes: 1000, rate: 64_000, burst: 256_000 }), 904)
  t.is(largestMessage({ maxBytes: 1_000_000, rate: 0, burst: 256_000 }), 1_000_000)
})
