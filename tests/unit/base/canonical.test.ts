import test from 'brittle'
import fc from 'fast-check'
import { canonicalJson } from '../../../src/base/canonical.ts'
import { naiveCanonical, nested, vectors } from '../sidechannel/helpers.ts'

test('canonical JSON of the vectors', (t) => {
  for (const { value, canonical } of vectors().canonical) t.is(canonicalJson(value), canonical)
})

test('what a table can show', (t) => {
  const table: [unknown, string | null][] = [
    [undefined, 'null'],
    [-0, '0'],
    [1e21, '1e+21'],
    [Number.NaN, 'null'],
    ['\ud800', '"\\ud800"'],
    ['\u2028\u0001', '"\u2028\\u0001"'],
    [{ b: undefined, a: null }, '{"a":null,"b":null}'],
    [[1, undefined, [Number.NaN]], '[1,null,[null]]'],
    [Object.assign(new Array(2), { 1: 1 }), '[null,1]'],
    [{ 10: 1, 9: 2, a: 3, '': 4 }, '{"":4,"10":1,"9":2,"a":3}'],
    [{ '\u{1f600}': 1, '\uffff': 2 }, '{"\u{1f600}":1,"\uffff":2}'],
    [JSON.parse('{"z":1,"__proto__":{"b":1,"a":2}}'), '{"__proto__":{"a":2,"b":1},"z":1}'],
    [JSON.parse('{"a":1,"a":2}'), '{"a":2}'],
    [JSON.parse('{"toJSON":1,"constructor":2}'), '{"constructor":2,"toJSON":1}'],
    [() => {}, null],
    [[{ a: 1n }], null],
    [{ a: Symbol('x') }, null]
  ]
  for (const [value, text] of table) t.is(canonicalJson(value), text, String(text))
})

test('every JSON value, against the slow way', (t) => {
  const key = fc.oneof(
    fc.constantFrom('__proto__', '10', '9', 'b', 'a', ''),
    fc.string({ unit: 'binary', maxLength: 4 })
  )
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.jsonValue({ maxDepth: 0 }),
      fc.string({ unit: 'binary' }),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(key, tie('value'), { maxKeys: 5, noNullPrototype: false })
    )
  })).value
  fc.assert(
    fc.property(value, (generated) => {
      const parsed: unknown = JSON.parse(JSON.stringify(generated))
      const text = canonicalJson(parsed)
      return text === naiveCanonical(parsed) && text === canonicalJson(JSON.parse(text))
    }),
    { numRuns: 500 }
  )
  t.pass()
})

test('too deep is null, never an overflow', (t) => {
  t.is(canonicalJson(JSON.parse(nested(64))), nested(64))
  t.is(canonicalJson(JSON.parse(nested(65))), null)
  t.is(canonicalJson(JSON.parse(nested(65)), 65), nested(65))
  t.is(canonicalJson(JSON.parse(nested(100_000)), Number.POSITIVE_INFINITY), null)
  const deep: unknown = JSON.parse(`${'{"b":1,"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`)
  t.is(canonicalJson(deep), null)
  const cyclic: unknown[] = []
  cyclic.push(cyclic, cyclic)
  t.is(canonicalJson(cyclic), null)
})
