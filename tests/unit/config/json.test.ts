import test, { type Assertions } from 'brittle'
import fc from 'fast-check'
import { channelMap, list } from '../../../src/config/collections.ts'
import { FLAG_KEYS, flagSpec } from '../../../src/config/flags.ts'
import {
  bool,
  channel,
  choice,
  hexKey,
  hostPort,
  int,
  jsonText,
  label,
  parseTyped,
  text,
  type ValueType
} from '../../../src/config/types.ts'

const A = 'a1'.repeat(32)
const B = 'b2'.repeat(32)

const FILES: Readonly<Record<string, string>> = { key: A, welcome: 'eyJ4', names: 'a,b' }
const readFile = (path: string): string => {
  const content = FILES[path]
  if (content === undefined) throw new Error(`no file ${path}`)
  return content
}

function checkTable<T>(t: Assertions, type: ValueType<T>, good: [unknown, T][], bad: unknown[]): void {
  for (const [written, value] of good)
    t.alike(type.fromJson(written, readFile), value, `takes ${JSON.stringify(written)}`)
  for (const written of bad)
    t.is(type.fromJson(written, readFile), undefined, `refuses ${JSON.stringify(written)}`)
}

test('booleans and numbers', (t) => {
  checkTable(
    t,
    bool,
    [
      [true, true],
      [false, false],
      [1, true],
      [0, false],
      ['Off', false]
    ],
    [2, -1, 0.5, '2', '', null, [], [true], {}]
  )
  checkTable(
    t,
    int(0, 32),
    [
      [0, 0],
      [-0, 0],
      [32, 32],
      ['32', 32]
    ],
    [33, -1, 1.5, 1e21, '1e1', '', true, false, null, [], [1], {}]
  )
})

test('texts of every kind are strings only', (t) => {
  const types = [text('<t>'), choice(['a']), label, hexKey, hostPort, channel] as ValueType<unknown>[]
  for (const type of types) checkTable(t, type, [], [true, false, 0, 1, null, [], ['a'], {}, { a: 'b' }, ''])
  checkTable(t, text('<t>'), [['@key', '@key']], [])
  checkTable<string>(
    t,
    hexKey,
    [
      [A.toUpperCase(), A],
      ['@key', A]
    ],
    []
  )
})

test('an array holds one item a string', (t) => {
  checkTable<readonly string[]>(
    t,
    list(channel, '<a,b>', 3),
    [
      [
        ['a:b', ' c '],
        ['a:b', 'c']
      ],
      [
        ['b', 'a', 'b'],
        ['b', 'a']
      ],
      ['a, b', ['a', 'b']],
      ['@names', ['a', 'b']],
      [['@names'], ['@names']]
    ],
    [[], [''], ['a,b'], ['a', 1], ['a', ['b']], [null], ['a', 'b', 'c', 'd'], { 0: 'a' }, 1, true, null]
  )
  checkTable<readonly string[]>(
    t,
    list(text('<t>'), '<t>'),
    [
      [
        ['a,b', ' '],
        ['a,b', ' ']
      ]
    ],
    []
  )
  const nodes = list(hostPort, '<h>').fromJson(['h:1', 'g:2', 'h:1'], readFile)
  t.alike(nodes, [
    { host: 'h', port: 1 },
    { host: 'g', port: 2 }
  ])
})

test('an object holds one channel a key, whatever its name', (t) => {
  const welcomes = channelMap(text('<w>', { file: true }), 'first', '<chan:b64|@file,…>')
  const owners = channelMap(hexKey, 'last', '<chan:hex,…>')
  const entries = <T>(type: ValueType<Readonly<Record<string, T>>>, written: unknown) => {
    const map = type.fromJson(written, readFile)
    return map && Object.entries(map)
  }
  t.alike(entries(welcomes, { 'a:b': 'x:y,z', ' c:': '@welcome', '{': '{"a":1}' }), [
    ['a:b', 'x:y,z'],
    ['c:', 'eyJ4'],
    ['{', '{"a":1}']
  ])
  t.alike(entries(owners, JSON.parse(`{"__proto__":"${A}","a:b":"@key","${B}:":"${B}"}`)), [
    ['__proto__', A],
    ['a:b', A],
    [`${B}:`, B]
  ])
  t.alike(entries(owners, `a:b:${A}`), [['a:b', A]])
  for (const type of [welcomes, owners] as ValueType<unknown>[]) {
    checkTable(
      t,
      type,
      [],
      [{}, [], [`a:${A}`], { '': A }, { 'a,b': A }, { a: 1 }, { a: [A] }, { a: null }, 1]
    )
  }
})

test('an object kept as text', (t) => {
  const tokens = jsonText('<json>', 16)
  checkTable(
    t,
    tokens,
    [
      [{ a: ['b', 1] }, '{"a":["b",1]}'],
      ['{ "a": 1 }', '{ "a": 1 }'],
      ['@welcome', 'eyJ4']
    ],
    [true, 1, null, [], ['a'], '', { a: 'x'.repeat(16) }]
  )
})

test('for every flag, a string is what would be typed, and nothing throws', (t) => {
  const typed = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('1', 'off', 'a,b', A, `a:b:${A}`, 'h:1,h:1', '@key', 'a:@key', 'info')
  )
  let taken = 0
  const outcome = (run: () => unknown) => {
    try {
      const value = run()
      if (value !== undefined) taken++
      return JSON.stringify(value)
    } catch (error) {
      return (error as Error).message
    }
  }
  fc.assert(
    fc.property(fc.constantFrom(...FLAG_KEYS), typed, fc.jsonValue(), (key, written, value) => {
      const { type } = flagSpec(key)
      if (typeof value !== 'string') type.fromJson(value, () => A)
      return (
        outcome(() => type.fromJson(written, readFile)) === outcome(() => parseTyped(type, written, readFile))
      )
    }),
    { numRuns: 1000 }
  )
  t.ok(taken > 100)
})
