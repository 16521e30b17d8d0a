import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import { StateQueue } from '../../../features/sc-bridge/state-queue.ts'
import { STATE_LIMITS } from '../../../src/bridge/limits.ts'

const frame = (text: string) => b4a.from(text)

function takeAll(queue: StateQueue): string[] {
  const all: string[] = []
  for (let next = queue.shift(); next !== null; next = queue.shift()) all.push(b4a.toString(next))
  return all
}

test('of each key the latest value waits, in the place of the first', (t) => {
  const queue = new StateQueue()
  for (const [key, text] of [
    ['a', 'a1'],
    ['b', 'b1'],
    ['a', 'a22'],
    ['c', 'c1'],
    ['b', 'b2']
  ] as const)
    t.is(queue.put(key, frame(text)), 0)
  t.is(queue.size, 3)
  t.is(queue.bytes, 7)
  t.alike(takeAll(queue), ['a22', 'b2', 'c1'])
  t.is(queue.bytes, 0)
})

test('past the limits all that waits goes, and what comes after that waits again', (t) => {
  const queue = new StateQueue()
  for (let i = 0; i < STATE_LIMITS.maxItems; i++) queue.put(`k${i}`, frame('x'))
  t.is(queue.put('k0', frame('y')), 0, 'a key that waits already needs no room')
  t.is(queue.put('one more', frame('z')), STATE_LIMITS.maxItems)
  t.alike(takeAll(queue), ['z'])

  const large = b4a.alloc(STATE_LIMITS.maxBytes / 4 + 1)
  for (const key of ['a', 'b', 'c']) t.is(queue.put(key, large), 0)
  t.is(queue.put('d', large), 3)
  t.is(queue.bytes, large.byteLength)
  t.is(queue.put('d', b4a.alloc(STATE_LIMITS.maxBytes)), 0, 'the larger one takes the place of its own')
})

test('whatever happens, it holds the latest value of each key that is wanted, once and in order', (t) => {
  const key = fc.constantFrom('a', 'b', 'c', 'd')
  const step = fc.oneof(
    { weight: 5, arbitrary: key.map((key) => ({ do: 'put' as const, key })) },
    { weight: 3, arbitrary: fc.constant({ do: 'shift' as const }) },
    { weight: 1, arbitrary: key.map((key) => ({ do: 'drop' as const, key })) }
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const queue = new StateQueue()
      const model = new Map<string, string>()
      let fine = true
      let count = 0
      for (const one of steps) {
        if (one.do === 'put') {
          const text = `${one.key}${'.'.repeat(count++ % 4)}${count}`
          queue.put(one.key, frame(text))
          model.set(one.key, text)
        } else if (one.do === 'drop') {
          queue.keep((key) => key !== one.key)
          model.delete(one.key)
        } else {
          const [first] = model
          const next = queue.shift()
          fine &&= (next === null ? undefined : b4a.toString(next)) === first?.[1]
          if (first !== undefined) model.delete(first[0])
        }
        fine &&= queue.size === model.size && queue.bytes === [...model.values()].join('').length
      }
      return fine && String(takeAll(queue)) === String([...model.values()])
    })
  )
  t.pass()
})
