import test, { type Assertions } from 'brittle'
import fc from 'fast-check'
import { hex32 } from '../../../src/base/hex.ts'
import { channelMap, list } from '../../../src/config/collections.ts'
import {
  bool,
  channel,
  choice,
  hexKey,
  hostPort,
  int,
  isBooleanWord,
  label,
  listedPort,
  port,
  text,
  type ValueType
} from '../../../src/config/types.ts'

const A = 'a1'.repeat(32)
const B = 'b2'.repeat(32)

/** None of these values is a file. */
const readFile = (path: string): string => {
  throw new Error(`no file ${path}`)
}

const welcomes = channelMap(text('<welcome>', { file: true, most: 65_536 }), 'first', '<chan:b64|@file,…>')
const owners = channelMap(hexKey, 'last', '<chan:hex,…>')

function checkTable<T>(t: Assertions, type: ValueType<T>, good: [string, T][], bad: string[]): void {
  for (const [written, value] of good)
    t.alike(type.parse(written, readFile), value, `takes ${JSON.stringify(written)}`)
  for (const written of bad)
    t.is(type.parse(written, readFile), undefined, `refuses ${JSON.stringify(written)}`)
}

test('booleans', (t) => {
  checkTable(
    t,
    bool,
    [
      ['0', false],
      ['1', true],
      ['true', true],
      ['FALSE', false],
      ['Yes', true],
      ['no', false],
      ['on', true],
      ['oFF', false]
    ],
    ['', ' ', '2', '01', 'y', 'enable', '__proto__', 'constructor', '1 ', 'null']
  )
  t.ok(isBooleanWord('ON'))
  t.absent(isBooleanWord('toString'))
})

test('integers', (t) => {
  checkTable(
    t,
    int(0, 32),
    [
      ['0', 0],
      ['32', 32],
      ['007', 7]
    ],
    ['', '-1', '33', '1.5', '1e1', '0x10', ' 1', '1 ', '１', 'ten', 'NaN', '9'.repeat(16), '1_0']
  )
  checkTable(t, port, [['0', 0]], ['65536', '-0'])
  checkTable(t, listedPort, [['65535', 65535]], ['0', '65536'])
  t.is(int(5, 9).expects, 'Expected integer 5-9.')
})

test('texts, choices and labels', (t) => {
  checkTable(
    t,
    text('<t>', { most: 3 }),
    [
      ['abc', 'abc'],
      [' ', ' '],
      ['@x', '@x']
    ],
    ['', 'abcd', 'a\0b']
  )
  checkTable(
    t,
    choice(['error', 'info']),
    [
      ['info', 'info'],
      ['ERROR', 'error']
    ],
    ['', 'inf', 'infos', 'toString']
  )
  checkTable(
    t,
    label,
    [
      ['peer', 'peer'],
      ['A.b_c-1', 'A.b_c-1'],
      ['7', '7'],
      ['x'.repeat(64), 'x'.repeat(64)]
    ],
    ['', '.', '..', '.hidden', '-x', '_x', 'a/b', 'a\\b', '../x', 'a b', 'a\n', 'ü', 'x'.repeat(65)]
  )
})

test('keys and addresses', (t) => {
  checkTable<string>(
    t,
    hexKey,
    [
      [A, A],
      [A.toUpperCase(), A],
      [` ${A}\n`, A]
    ],
    [
      '',
      A.slice(1),
      `${A}0`,
      `0x${A.slice(2)}`,
      `${A.slice(1)}g`,
      'trac1abc',
      `${A.slice(0, 32)} ${A.slice(32)}`
    ]
  )
  checkTable(
    t,
    hostPort,
    [
      ['127.0.0.1:49737', { host: '127.0.0.1', port: 49737 }],
      ['node1.hyperdht.org:1', { host: 'node1.hyperdht.org', port: 1 }],
      ['10.0.0.1@node1.hyperdht.org:49737', { host: '10.0.0.1@node1.hyperdht.org', port: 49737 }]
    ],
    [
      '',
      'host',
      'host:',
      ':1',
      'host:0',
      'host:65536',
      'host:1x',
      'http://host:1',
      'a b:1',
      'h:1:2',
      'host: 1'
    ]
  )
})

test('channel names', (t) => {
  checkTable(
    t,
    channel,
    [
      ['0000intercom', '0000intercom'],
      ['  a b ', 'a b'],
      ['a:b', 'a:b'],
      ['__proto__', '__proto__'],
      ['[{"', '[{"'],
      ['☃'.repeat(42), '☃'.repeat(42)]
    ],
    ['', '   ', 'a,b', 'a\nb', 'a\u007f', '\u0085b', 'a\0', '\ud800', 'x'.repeat(129), '☃'.repeat(43)]
  )
})

test('lists', (t) => {
  checkTable<readonly string[]>(
    t,
    list(channel, '<a,b>'),
    [
      ['a', ['a']],
      ['a,b', ['a', 'b']],
      [' a , b ,', ['a', 'b']],
      ['b,a,b', ['b', 'a']],
      ['a:b,__proto__', ['a:b', '__proto__']],
      ['[,{"a,]', ['[', '{"a', ']']]
    ],
    ['', ',', ' , ', 'a,b\nc', `a,${'x'.repeat(129)}`, Array.from({ length: 257 }, (_, i) => i).join()]
  )
  checkTable<readonly string[]>(
    t,
    list(hexKey, '<hex,hex>'),
    [[`${A},${B.toUpperCase()}`, [A, B]]],
    [A + B, '@k.hex']
  )
  t.alike(list(channel, '<a>', 2).parse('a,b,c', readFile), undefined)
  t.alike(list(hostPort, '<h>').parse('h:1,g:2,h:01', readFile), [
    { host: 'h', port: 1 },
    { host: 'g', port: 2 }
  ])
})

const names = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .filter((name) => channel.parse(name, readFile) === name)
const hexKeys = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hex32)

function roundTrip<T>(type: ValueType<T>, values: fc.Arbitrary<T>): void {
  fc.assert(
    fc.property(values, (value) => {
      const again = type.parse(type.show(value), readFile)
      return JSON.stringify(again) === JSON.stringify(value)
    })
  )
}

test('what is shown can be given back', (t) => {
  roundTrip(bool, fc.boolean())
  roundTrip(int(0, 1_000_000), fc.integer({ min: 0, max: 1_000_000 }))
  roundTrip(hostPort, fc.record({ host: fc.domain(), port: fc.integer({ min: 1, max: 65535 }) }))
  roundTrip(list(channel, '<a,b>'), fc.uniqueArray(names, { minLength: 1, maxLength: 20 }))
  roundTrip(list(int(0, 99), '<n,n>'), fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { minLength: 1 }))
  const map = <T>(keys: fc.Arbitrary<string>, values: fc.Arbitrary<T>) =>
    fc.dictionary(keys, values, { minKeys: 1, maxKeys: 5, noNullPrototype: false })
  roundTrip(owners, map(names, hexKeys))
  const plain = names.filter((name) => !name.includes(':'))
  roundTrip(welcomes, map(plain, fc.oneof(fc.base64String({ minLength: 4 }), jsonObjects())))
  t.pass()
})

test('no text makes a type throw', (t) => {
  const types: ValueType<unknown>[] = [
    ...[bool, int(0, 9), port, text('<t>'), choice(['a']), label, hexKey, hostPort, channel],
    ...[list(channel, '<a>'), list(hostPort, '<h>'), owners, welcomes]
  ] as ValueType<unknown>[]
  const written = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('a', ',', ':', '{', '}', '"', '\\', ' ', '1') })
  )
  fc.assert(
    fc.property(written, fc.constantFrom(...types), (value, type) => {
      type.parse(value, () => 'content')
      return true
    }),
    { numRuns: 2000 }
  )
  t.pass()
})

function jsonObjects(): fc.Arbitrary<string> {
  return fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value))
}
