import test from 'brittle'
import fc from 'fast-check'
import { parseFilter } from '../../../features/sc-bridge/filter.ts'
import { FILTER_LIMITS } from '../../../src/bridge/limits.ts'

function passes(expression: string, message: unknown): boolean {
  return parseFilter(expression)?.(message) ?? true
}

test('groups are alternatives, words of a group must all be there', (t) => {
  const rows: [expression: string, message: unknown, passes: boolean][] = [
    ['alpha+beta|gamma', 'beta and alpha', true],
    ['alpha+beta|gamma', 'only alpha', false],
    ['alpha+beta|gamma', 'gamma rays', true],
    ['alpha beta', 'beta, alpha', true],
    ['alpha,beta', 'alpha', false],
    ['ALPHA', 'alphabet', true],
    ['alpha', 'ALPHABET', true],
    ['order', { kind: 'order', price: 3 }, true],
    ['kind:', { kind: 'order' }, false],
    ['"kind":"order"', { kind: 'order' }, true],
    ['null', null, true],
    ['42', 42, true],
    ['', 'anything', true],
    [' | + , ', 'anything', true],
    ['|alpha', 'beta', false],
    ['straße', 'STRASSE', false]
  ]
  for (const [expression, message, expected] of rows) {
    t.is(passes(expression, message), expected, `${expression}: ${JSON.stringify(message)}`)
  }
})

test('what a filter costs is bounded', (t) => {
  const words = (count: number) => Array.from({ length: count }, (_, i) => `word${i}`).join('|')
  t.ok(parseFilter(words(FILTER_LIMITS.words)))
  t.exception(() => parseFilter(words(FILTER_LIMITS.words + 1)), /at most 64 words/)
  t.ok(parseFilter(Array(1000).fill('same').join('+')), 'a word that is repeated is one word')
  t.exception(() => parseFilter('x'.repeat(FILTER_LIMITS.characters + 1)), /at most 256 characters/)
  const large = 'a'.repeat(1024 * 1024)
  t.is(passes('missing', large), false)
  t.is(passes(words(64), large), true, 'what would cost too much is passed on without a look')
})

test('a filter is total and says what its definition says', (t) => {
  const word = fc.string({ minLength: 1, maxLength: 3, unit: fc.constantFrom('a', 'b', 'é', 'Z') })
  const groups = fc.array(fc.array(word, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(groups, fc.string({ unit: fc.constantFrom('a', 'b', 'é', 'Z', ' ') }), (wanted, message) => {
      const expression = wanted.map((words) => words.join('+')).join('|')
      const expected = wanted.some((words) =>
        words.every((part) => message.toLowerCase().includes(part.toLowerCase()))
      )
      return passes(expression, message) === expected
    })
  )
  fc.assert(
    fc.property(
      fc.string(),
      fc.jsonValue(),
      (expression, message) => typeof passes(expression, message) === 'boolean'
    )
  )
  t.pass()
})
