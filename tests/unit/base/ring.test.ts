import test from 'brittle'
import fc from 'fast-check'
import { Ring } from '../../../src/base/ring.ts'

test('a queue refuses what does not fit', (t) => {
  const ring = new Ring<string>({ maxItems: 2, maxBytes: 10 })
  t.ok(ring.offer('a', 4))
  t.absent(ring.offer('b', 7))
  t.ok(ring.offer('c', 6))
  t.absent(ring.offer('d', 0), 'no third item')
  t.is(ring.bytes, 10)
  t.is(ring.peek(), 'a')
  t.is(ring.shift(), 'a')
  t.is(ring.bytes, 6)
  ring.clear()
  t.is(ring.shift(), undefined)
  t.is(ring.length, 0)
  t.is(ring.bytes, 0)
})

test('a history drops its oldest', (t) => {
  const ring = new Ring<string>({ maxItems: 3, maxBytes: 10 })
  t.is(ring.push('a', 4), 0)
  t.is(ring.push('b', 4), 0)
  t.is(ring.push('c', 9), 2)
  t.alike([...ring], ['c'])
  t.is(ring.push('too large', 11), 2)
  t.alike([...ring], [])
  for (const item of 'defg') ring.push(item, 1)
  t.alike([...ring], ['e', 'f', 'g'])
})

test('behaves as a plain list would', (t) => {
  const action = fc.oneof(
    fc.record({ kind: fc.constantFrom('offer' as const, 'push' as const), bytes: fc.nat(12) }),
    fc.record({ kind: fc.constantFrom('shift' as const), bytes: fc.constant(0) })
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
      const ring = new Ring<number>({ maxItems: 5, maxBytes: 20 })
      let list: { item: number; bytes: number }[] = []
      const total = () => list.reduce((sum, { bytes }) => sum + bytes, 0)
      for (const [item, { kind, bytes }] of actions.entries()) {
        if (kind === 'shift') {
          if (ring.shift() !== list.shift()?.item) return false
          continue
        }
        if (kind === 'push')
          while (list.length > 0 && (list.length >= 5 || total() + bytes > 20)) list = list.slice(1)
        const fits = list.length < 5 && total() + bytes <= 20
        if (kind === 'offer' && ring.offer(item, bytes) !== fits) return false
        if (kind === 'push') ring.push(item, bytes)
        if (fits) list.push({ item, bytes })
      }
      const same = [...ring].join() === list.map(({ item }) => item).join()
      return same && ring.bytes === total() && ring.length === list.length && ring.peek() === list[0]?.item
    })
  )
  t.pass()
})

test('a long queue is not slow', (t) => {
  const ring = new Ring<number>({ maxItems: 200_000, maxBytes: 200_000 })
  for (let n = 0; n < 200_000; n++) ring.offer(n, 1)
  let sum = 0
  for (let item = ring.shift(); item !== undefined; item = ring.shift()) sum += item
  t.is(sum, (200_000 * 199_999) / 2)
  t.is(ring.bytes, 0)
})
