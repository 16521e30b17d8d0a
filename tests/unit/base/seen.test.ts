import test from 'brittle'
import fc from 'fast-check'
import { SeenSet } from '../../../src/base/seen.ts'

const WINDOW = 600_000
const T0 = 1_750_000_000_000
const MiB = 1024 * 1024

/** What a node does: what is not fresh, outside or known is refused; the rest is taken, once. */
function takes(seen: SeenSet, author: string, id: string, ts: number, now: number, window = WINDOW): boolean {
  if (Math.abs(ts - now) > window || seen.isOutside(ts, now) || seen.has(author, id, ts, now)) return false
  seen.add(author, id, ts, now)
  return true
}

test('keyed by author and id, for as long as the message is fresh', (t) => {
  const seen = new SeenSet({ windowMs: WINDOW })
  seen.add('a', '1', T0, T0)
  for (const later of [0, 1, WINDOW - 1, WINDOW]) t.ok(seen.has('a', '1', T0, T0 + later))
  t.absent(seen.has('a', '2', T0, T0))
  t.absent(seen.has('b', '1', T0, T0))
  seen.add('a', '1', T0, T0 + 500)
  t.is(seen.size, 1)
  // Of a clock that is ahead it stays fresh for twice as long.
  seen.add('a', 'ahead', T0 + WINDOW, T0)
  t.ok(seen.has('a', 'ahead', T0 + WINDOW, T0 + 2 * WINDOW))
})

test('what is too old takes no room, and stays refused when our clock is set back', (t) => {
  const seen = new SeenSet({ windowMs: WINDOW })
  for (let n = 0; n < 100; n++) seen.add(`author ${n % 10}`, String(n), T0 + n, T0 + n)
  t.is(seen.size, 100)
  const before = seen.bytes
  const late = T0 + 3 * WINDOW
  seen.add('late', 'x', late, late)
  t.is(seen.size, 1)
  t.ok(seen.bytes < before)
  t.absent(takes(seen, 'author 0', '0', T0, T0 + 200))
  t.ok(takes(seen, 'author 0', 'new', T0 + 20_000, T0 + 20_000), 'what is newer is not')
})

test('an author who floods is kept in order, and no replay of it passes', (t) => {
  const seen = new SeenSet({ windowMs: WINDOW, maxBytes: MiB })
  seen.add('quiet', 'q', T0, T0)
  const all = 3000
  for (let n = 0; n < all; n++) if (!takes(seen, 'loud', String(n), T0 + n, T0 + n)) t.fail(`${n} is new`)
  t.ok(seen.size < 200)
  const now = T0 + all
  for (let n = 0; n < all; n++) if (takes(seen, 'loud', String(n), T0 + n, now)) t.fail(`${n} passes again`)
  t.ok(seen.has('quiet', 'q', T0, now))
  t.ok(takes(seen, 'quiet', 'r', T0 + 1, now), 'others may be late')
  t.ok(takes(seen, 'loud', 'same moment', T0 + all - 1, now))
  t.absent(takes(seen, 'loud', 'late', T0 + all - 2, now))
  t.ok(takes(seen, 'loud', 'next', now + 1, now))
  t.ok(takes(seen, 'loud', 'next slice', T0 + 20_000, T0 + 20_000))
  t.ok(takes(seen, 'loud', 'older there', T0 + 19_000, T0 + 20_000))
})

test('of one moment an author has only so many', (t) => {
  const seen = new SeenSet({ windowMs: WINDOW, maxBytes: MiB })
  let taken = 0
  for (let n = 0; n < 3000; n++) if (takes(seen, 'a', String(n), T0, T0)) taken++
  t.ok(taken > 256 && taken < 500, `${taken}`)
  for (let n = 0; n < 3000; n++) if (takes(seen, 'a', String(n), T0, T0)) t.fail(`${n} passes again`)
  t.ok(takes(seen, 'a', 'later', T0 + 1, T0))
})

test('one author who fills all its time moves nothing for others', (t) => {
  const minute = 60_000
  const seen = new SeenSet({ windowMs: minute, maxBytes: 16 * MiB })
  let n = 0
  for (let now = T0; now < T0 + 2 * minute; now += 100) {
    for (const ahead of [-30_000, 0, 30_000, 59_000])
      for (let i = 0; i < 120; i++) takes(seen, 'loud', String(n++), now + ahead + i, now, minute)
    if (!takes(seen, 'behind', String(now), now - 58_000, now, minute)) t.fail('a clock that is behind')
    if (!takes(seen, 'before', String(now), now + 58_000, now, minute)) t.fail('a clock that is ahead')
  }
  t.ok(n > 500_000)
  t.ok(seen.bytes < 8 * MiB)
})

test('no number of keys closes the window on who is on time, or takes more room', (t) => {
  const random = xorshift(7)
  // Where they put their messages in time; the last is one slice ahead until it is full, over and over.
  const attacks: Record<string, (now: number) => number> = {
    'on time': (now) => now,
    anywhere: (now) => now + Math.floor((random() * 2 - 1) * WINDOW),
    'as far ahead as can be': (now) => now + WINDOW,
    'all for one moment': (now) => T0 + WINDOW * Math.ceil((now - T0 + 40_000) / WINDOW)
  }
  for (const [name, attack] of Object.entries(attacks)) {
    const seen = new SeenSet({ windowMs: WINDOW, maxBytes: MiB })
    let [most, refused, flooded] = [0, 0, 0]
    for (let n = 0; n < 150_000; n++) {
      const now = T0 + n * 10
      if (takes(seen, `key ${n}`, 'x', attack(now), now)) flooded++
      most = Math.max(most, seen.bytes)
      if (n % 100 !== 0) continue
      // 10 s late, or a clock 10 s ahead.
      for (const off of [-10_000, 0, 10_000])
        if (!takes(seen, `honest ${off}`, String(n), now + off, now)) refused++
    }
    t.is(refused, 0, name)
    t.ok(most <= MiB, `${name}: ${most} bytes`)
    t.ok(flooded > 5000)
  }
})

test('nothing that was taken once is taken again, whatever came between', { timeout: 120_000 }, (t) => {
  const step = fc.record({
    author: fc.nat(5),
    ts: fc.integer({ min: -WINDOW, max: WINDOW }),
    wait: fc.oneof(fc.nat(10), fc.nat(60_000), fc.integer({ min: -60_000, max: 0 })),
    copies: fc.oneof(fc.constant(1), fc.nat(300)),
    keys: fc.boolean()
  })
  const bytes = fc.constantFrom(80_000, 200_000, MiB)
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), bytes, (steps, maxBytes) => {
      const seen = new SeenSet({ windowMs: WINDOW, maxBytes })
      const taken: [string, string, number][] = []
      let now = T0
      for (const { author, ts, wait, copies, keys } of steps) {
        now += wait
        for (let n = 0; n < copies; n++) {
          const of = keys ? `key ${taken.length}` : `author ${author}`
          const at = now + ts + (n % 7)
          if (takes(seen, of, String(n), at, now)) taken.push([of, String(n), at])
        }
        if (seen.bytes > maxBytes) return false
      }
      return taken.every(([author, id, ts]) => !takes(seen, author, id, ts, now))
    }),
    { numRuns: 500 }
  )
  t.pass()
})

test('what an earlier run may have seen is outside', (t) => {
  const seen = new SeenSet({ windowMs: WINDOW })
  seen.forgetBefore(T0)
  t.absent(takes(seen, 'a', 'before', T0 - 1, T0 + 5))
  t.ok(takes(seen, 'a', 'since', T0, T0 + 5))
})

test('without a window ids are kept for an hour from when they came', (t) => {
  const seen = new SeenSet({ windowMs: 0 })
  const hour = 3_600_000
  for (const ts of [0, T0, 8e15]) {
    seen.add('a', String(ts), ts, T0)
    for (const later of [0, hour / 2, hour]) t.ok(seen.has('a', String(ts), ts, T0 + later))
  }
  for (const ts of [0, T0, 8e15]) {
    t.absent(seen.isOutside(ts, T0 + 2 * hour))
    t.absent(seen.has('a', String(ts), ts, T0 + 2 * hour))
  }
  t.is(seen.size, 0)
  const small = new SeenSet({ windowMs: 0, maxBytes: MiB })
  for (let n = 0; n < 200_000; n++) small.add(`key ${n}`, 'x', n, T0 + n * 100)
  t.ok(small.bytes <= MiB)
})

function xorshift(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

test('a clock that was far ahead at the start silences nobody once it is right', (t) => {
  const seen = new SeenSet({ windowMs: 600_000 })
  const right = 1_700_000_000_000
  seen.forgetBefore(right + 7_200_000)
  t.ok(seen.isOutside(right + 7_199_999, right + 7_200_000), 'while it is ahead')
  t.absent(seen.isOutside(right + 20_000, right + 20_000), 'when it was set right')
  t.ok(seen.isOutside(right + 10_000, right + 20_000), 'what was written before is still refused')
  const behind = new SeenSet({ windowMs: 600_000 })
  behind.forgetBefore(right)
  t.ok(behind.isOutside(right - 1, right - 500_000), 'a little behind, it holds')
})
