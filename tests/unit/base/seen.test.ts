import test from 'brittle'
import fc from 'fast-check'
import { SeenSet } from '../../../src/base/seen.ts'

test('keyed by author and id, for as long as was said', (t) => {
  const seen = new SeenSet({ ttlMs: 1000 })
  seen.add('a', '1', 0, 0)
  t.ok(seen.has('a', '1', 0, 999))
  t.absent(seen.has('a', '1', 0, 1000))
  t.absent(seen.has('a', '2', 0, 0))
  t.absent(seen.has('b', '1', 0, 0))
  seen.add('a', '1', 0, 500)
  t.is(seen.size, 1)
  t.ok(seen.has('a', '1', 0, 1400), 'seen again, remembered anew')
})

test('what has expired takes no room', (t) => {
  const seen = new SeenSet({ ttlMs: 1000 })
  for (let n = 0; n < 100; n++) seen.add(`author ${n % 10}`, String(n), n, n)
  t.is(seen.size, 100)
  seen.add('late', 'x', 5000, 5000)
  t.is(seen.size, 1)
  t.is(seen.authors, 1)
})

test('an author who floods loses its own oldest ids, and no replay of them passes', (t) => {
  const seen = new SeenSet({ ttlMs: 100_000, maxPerAuthor: 64 })
  seen.add('quiet', 'q', 0, 0)
  for (let n = 0; n < 1000; n++) seen.add('loud', String(n), n, n)
  t.ok(seen.size <= 65)
  t.ok(seen.has('quiet', 'q', 0, 1000))
  for (let n = 0; n < 1000; n++) if (!seen.has('loud', String(n), n, 1000)) t.fail(`${n} passes again`)
  t.absent(seen.has('loud', 'new', 1000, 1000))
  t.absent(seen.has('loud', 'late', 999, 1000), 'the newest moment stays open')
  t.absent(seen.has('loud', 'old', 0, 200_000), 'not for ever')
  seen.add('loud', 'later', 200_000, 200_000)
  t.absent(seen.has('loud', 'old', 0, 200_000), 'not even of an author who goes on')
})

test('a flood within one millisecond leaves that millisecond open', (t) => {
  const seen = new SeenSet({ ttlMs: 100_000, maxPerAuthor: 64 })
  seen.add('a', 'before', 4, 5)
  for (let n = 0; n < 1000; n++) {
    if (seen.has('a', String(n), 5, 5)) t.fail(`${n} is new`)
    seen.add('a', String(n), 5, 5)
  }
  t.ok(seen.size <= 64)
  t.ok(seen.has('a', 'before', 4, 5))
  t.ok(seen.has('a', '999', 5, 5))
})

test('the bounds in authors and in all hold', (t) => {
  const few = new SeenSet({ ttlMs: 1000, maxAuthors: 3 })
  for (const author of ['a', 'b', 'c']) few.add(author, 'x', 1, 1)
  few.add('a', 'y', 2, 2)
  few.add('d', 'x', 3, 3)
  t.is(few.authors, 3)
  t.absent(few.has('b', 'x', 1, 3), 'silent for longest')
  for (const author of ['a', 'c', 'd']) t.ok(few.has(author, 'x', 1, 3))

  const total = new SeenSet({ ttlMs: 1000, maxAuthors: 10, maxTotal: 50 })
  for (let n = 0; n < 5; n++) total.add('small', String(n), n, n)
  for (let n = 0; n < 500; n++) total.add('large', String(n), n, n)
  t.ok(total.size <= 50)
  for (let n = 0; n < 5; n++) t.ok(total.has('small', String(n), n, 500))
})

test('nothing that was added within its time comes back as new, in any order', (t) => {
  const step = fc.record({ author: fc.nat(3), id: fc.nat(200), ts: fc.nat(50), wait: fc.nat(3) })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 300 }),
      fc.integer({ min: 2, max: 20 }),
      (steps, maxPerAuthor) => {
        const seen = new SeenSet({ ttlMs: 100, maxPerAuthor })
        const all = new Map<string, { author: string; id: string; ts: number; at: number }>()
        let now = 0
        for (const { author, id, ts, wait } of steps) {
          now += wait
          // An id stands for one message, so for one `ts`.
          const entry = { author: String(author), id: `${id}:${now + ts}`, ts: now + ts, at: now }
          if (seen.has(entry.author, entry.id, entry.ts, now)) continue
          seen.add(entry.author, entry.id, entry.ts, now)
          all.set(`${author} ${entry.id}`, entry)
          if (seen.size > 4 * maxPerAuthor) return false
        }
        // Ids of one crowded moment may go early; here every message of a moment is one of few.
        const counts = new Map<string, number>()
        for (const { author, ts } of all.values())
          counts.set(`${author} ${ts}`, (counts.get(`${author} ${ts}`) ?? 0) + 1)
        for (const { author, id, ts, at } of all.values()) {
          const crowded = (counts.get(`${author} ${ts}`) ?? 0) * 2 > maxPerAuthor
          if (!crowded && now < at + 100 && !seen.has(author, id, ts, now)) return false
        }
        return true
      }
    )
  )
  t.pass()
})
