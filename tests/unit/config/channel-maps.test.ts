import test from 'brittle'
import { channelMap } from '../../../src/config/collections.ts'
import { hexKey, text } from '../../../src/config/types.ts'

const A = 'a1'.repeat(32)
const B = 'b2'.repeat(32)
const WELCOME = { payload: { channel: 'x', text: 'a, b: "c" {d} [e' }, sig: 'ff' }

const FILES: Readonly<Record<string, string>> = { 'w.json': JSON.stringify(WELCOME), 'k.hex': A }
const readFile = (path: string): string => {
  const content = FILES[path]
  if (content === undefined) throw new Error(`no file ${path}`)
  return content
}

const welcomes = channelMap(text('<welcome>', { file: true, most: 65_536 }), 'first', '<chan:b64|@file,…>')
const owners = channelMap(hexKey, 'last', '<chan:hex,…>')

/** Maps have no prototype, which a comparison with an object literal would notice. */
function entries<T>(map: Readonly<Record<string, T>> | undefined): [string, T][] | null {
  return map === undefined ? null : Object.entries(map)
}

test('owners split at the last colon', (t) => {
  t.alike(entries(owners.parse(`a:${A},b : ${B} `, readFile)), [
    ['a', A],
    ['b', B]
  ])
  t.alike(entries(owners.parse(`swap:btc:usd:${A}`, readFile)), [['swap:btc:usd', A]])
  t.alike(entries(owners.parse(`a:{:${A},b:@k.hex`, readFile)), [
    ['a:{', A],
    ['b', A]
  ])
  for (const bad of ['', 'a', `a:${A.slice(1)}`, `:${A}`, `${A}`, `a:${A},b`, `a:${A},b:`]) {
    t.is(owners.parse(bad, readFile), undefined, `refuses ${bad}`)
  }
})

test('welcomes split at the first colon and may be JSON', (t) => {
  const json = JSON.stringify(WELCOME)
  t.alike(entries(welcomes.parse('a:b64:eyJ4,b:eyJ5', readFile)), [
    ['a', 'b64:eyJ4'],
    ['b', 'eyJ5']
  ])
  t.alike(entries(welcomes.parse(`a:${json},b: ${json} ,c:eyJ5`, readFile)), [
    ['a', json],
    ['b', json],
    ['c', 'eyJ5']
  ])
  t.alike(entries(welcomes.parse('a:@w.json,{[:@w.json', readFile)), [
    ['a', json],
    ['{[', json]
  ])
  t.alike(entries(welcomes.parse('a:{"x":"never closed,b:eyJ5', readFile)), [
    ['a', '{"x":"never closed,b:eyJ5']
  ])
  t.alike(entries(welcomes.parse('a:eyJ5,b:{"\\', readFile)), [
    ['a', 'eyJ5'],
    ['b', '{"\\']
  ])
  for (const bad of ['', 'a', 'a:', ':x', 'a:x,b', `${'x'.repeat(129)}:y`, `a:${'x'.repeat(65_537)}`]) {
    t.is(welcomes.parse(bad, readFile), undefined, `refuses ${bad.slice(0, 20)}`)
  }
  t.exception(() => welcomes.parse('a:@missing', readFile), /no file missing/)
})

test('a channel may be called like a member of every object', (t) => {
  const map = owners.parse(`__proto__:${A},constructor:${B},toString:${A}`, readFile)
  t.alike(entries(map), [
    ['__proto__', A],
    ['constructor', B],
    ['toString', A]
  ])
  t.is(map && Object.getPrototypeOf(map), null)
  t.absent('polluted' in {})
})

test('a long text of braces is split in a moment', (t) => {
  const started = Date.now()
  t.is(welcomes.parse('{'.repeat(1024 * 1024), readFile), undefined)
  t.ok(welcomes.parse(`a:${'{'.repeat(60_000)}`, readFile))
  t.ok(Date.now() - started < 2000)
})
