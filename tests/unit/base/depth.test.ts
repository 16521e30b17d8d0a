import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import { depthWithin, jsonDepthWithin } from '../../../src/base/depth.ts'
import { nested } from '../sidechannel/helpers.ts'

function naiveDepth(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(naiveDepth))
}

test('depth of values and of their text', (t) => {
  const table: [string, number][] = [
    ['0', 0],
    ['"[[["', 0],
    ['"\\"[[["', 0],
    ['"\\\\"', 0],
    ['[]', 1],
    ['{}', 1],
    ['[[],{"a":[]}]', 3],
    ['{"[{":"]}\\\\","a":{"b":[1]}}', 3],
    ['[[[]],[[]],[[[]]]]', 4],
    [nested(64), 64]
  ]
  for (const [text, depth] of table) {
    for (const max of [depth, depth + 1]) {
      t.ok(jsonDepthWithin(b4a.from(text), max), text)
      t.ok(depthWithin(JSON.parse(text), max), text)
    }
    if (depth === 0) continue
    t.absent(jsonDepthWithin(b4a.from(text), depth - 1), text)
    t.absent(depthWithin(JSON.parse(text), depth - 1), text)
  }
})

test('both agree with the slow way', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(6), (value, max) => {
      const within = naiveDepth(value) <= max
      return (
        depthWithin(value, max) === within && jsonDepthWithin(b4a.from(JSON.stringify(value)), max) === within
      )
    }),
    { numRuns: 500 }
  )
  t.pass()
})

test('the deepest values cost neither the stack nor much time', (t) => {
  t.absent(depthWithin(JSON.parse(nested(100_000))))
  t.absent(jsonDepthWithin(b4a.from(nested(100_000))))
  t.ok(depthWithin(JSON.parse(nested(100_000)), 100_000))
  const cyclic: unknown[] = []
  cyclic.push(cyclic, cyclic, cyclic)
  t.absent(depthWithin(cyclic))
})

test('bytes of any kind are read to their end', (t) => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => typeof jsonDepthWithin(bytes) === 'boolean'))
  for (const text of ['"', '"\\', '"abc\\', ']]]]', '"[[[[']) t.ok(jsonDepthWithin(b4a.from(text), 0))
})
