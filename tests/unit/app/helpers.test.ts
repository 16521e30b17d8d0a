import test from 'brittle'
import fc from 'fast-check'
import { fromBigIntString, safeBigInt, toBigIntString } from '../../../src/app/amounts.ts'
import { AssertionError, assert } from '../../../src/app/assert.ts'
import { getError, safeClone, safeJsonParse, safeJsonStringify } from '../../../src/app/json.ts'
import { parseArgs, splitWords } from '../../../src/app/parse-args.ts'

const MOST = 2n ** 128n - 1n

test('big integers', (t) => {
  t.is(safeBigInt(''), 0n)
  t.is(safeBigInt('0x10'), 16n)
  for (const bad of ['x', '1.5', null, undefined, {}, Number.NaN]) t.is(safeBigInt(bad), null)
})

test('decimals to integers', (t) => {
  const rows: [unknown, string, number?][] = [
    ['1.5', '1500000000000000000'],
    ['.5', '5', 1],
    ['5.', '50', 1],
    ['1.239', '123', 2],
    ['0', '0'],
    ['12', '12', 0],
    ['1,5', '0'],
    ['-1', '0'],
    ['1e3', '0'],
    ['abc', '0'],
    ['', '0'],
    ['.', '0'],
    [null, '0'],
    [MOST.toString(), MOST.toString(), 0],
    [(MOST + 1n).toString(), '0', 0]
  ]
  for (const [input, output, decimals] of rows) t.is(toBigIntString(input, decimals), output, String(input))
})

test('integers to decimals', (t) => {
  const rows: [unknown, string, number?][] = [
    ['1500000000000000000', '1.5'],
    ['5', '5', 0],
    ['5', '0.5', 1],
    ['100', '1', 2],
    ['1.5', '1.5'],
    ['-5', '0'],
    ['junk', '0'],
    [(MOST + 1n).toString(), '0']
  ]
  for (const [input, output, decimals] of rows) t.is(fromBigIntString(input, decimals), output, String(input))
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: MOST }), fc.nat(30), (amount, decimals) => {
      const there = fromBigIntString(amount.toString(), decimals)
      return toBigIntString(there, decimals) === amount.toString()
    })
  )
})

test('JSON helpers do not throw', (t) => {
  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  for (const bad of [cycle, 1n, undefined]) t.is(safeJsonStringify(bad), null)
  t.is(safeJsonParse('{'), undefined)
  t.alike(safeJsonParse('{"a":1}'), { a: 1 })
  for (const none of [null, 1, 'x', undefined, cycle]) t.is(safeClone(none), null)
  t.alike(safeClone({ a: [1] }), { a: [1] })
  fc.assert(
    fc.property(fc.anything(), (value) => {
      safeJsonStringify(value)
      safeClone(value)
      getError(value)
      return true
    })
  )
})

test('what counts as an error', (t) => {
  t.is(getError(false)?.message, 'Error')
  for (const none of [null, undefined, true, 0, '', {}, { message: 'x' }]) t.is(getError(none), null)
  const error = new Error('x')
  t.is(getError(error), error)
  t.ok(getError({ message: 'x', stack: '' }))
})

test('command lines', (t) => {
  const rows: [string, Record<string, string | null>][] = [
    ['/cmd --a 1 --b two', { a: '1', b: 'two' }],
    ['/cmd --a "x y" --b \'a "b" \\n\'', { a: 'x y', b: 'a "b" \\n' }],
    ['/cmd --a "x \\" y"', { a: 'x " y' }],
    ['/cmd --a x\\ y', { a: 'x y' }],
    ['/cmd --a --b 1', { a: null, b: '1' }],
    ['/cmd --k=v --n=', { k: 'v', n: '' }],
    ['/cmd name value', { name: 'value' }],
    ['/cmd --a', { a: null }],
    ['/cmd --a "not closed', { a: 'not closed' }],
    ['/cmd --a ""', { a: '' }],
    ['/cmd', {}]
  ]
  for (const [line, args] of rows) t.alike(parseArgs(line), args, line)
  t.ok(Object.hasOwn(parseArgs('/cmd --__proto__ 1'), '__proto__'))
  fc.assert(fc.property(fc.string(), (line) => Array.isArray(splitWords(line)) && parseArgs(line) !== null))
})

test('assertions', (t) => {
  assert(true)
  t.exception(() => assert(false, 'text'), /^AssertionError: text$/)
  t.exception(() => assert(''), /'' == true/)
  t.exception(() => assert(0), /0 == true/)
  const own = new Error('own')
  try {
    assert(false, own)
    t.fail()
  } catch (error) {
    t.is(error, own)
    t.absent(error instanceof AssertionError)
  }
  t.exception(() => assert.equal(1, 2, 'differ'), /differ/)
  assert.strictEqual('a', 'a')
})
