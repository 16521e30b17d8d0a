import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import { MAX_TOKEN_TEXT, parseTokenText, tokenText } from '../../../src/base/token-text.ts'
import { nested } from '../sidechannel/helpers.ts'

const parse = (text: string): unknown => parseTokenText(text)

test('every form of the same token', (t) => {
  const token = { a: 'é>>>???', b: [1] }
  const json = JSON.stringify(token)
  const base64 = tokenText(token)
  t.is(b4a.toString(b4a.from(base64, 'base64')), json)
  const forAddresses = base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
  const wrapped = `${base64.slice(0, 10)}\n  ${base64.slice(10)}\n`
  const forms = [
    json,
    ` ${json}\n`,
    JSON.stringify(token, null, 2),
    base64,
    `b64:${base64}`,
    ` b64: ${base64} `
  ]
  for (const text of [...forms, wrapped, forAddresses]) t.alike(parse(text), token, text)
})

test('everything else is null', (t) => {
  const not = [
    '',
    ' ',
    'b64:',
    '{',
    '{"a":',
    'null',
    '1',
    '"x"',
    '[]',
    'hello world',
    '@file',
    'b64:b64:e30=',
    '=',
    'é'
  ]
  const more = [tokenText([1]), tokenText(Object('x')), b4a.toString(b4a.from('{'), 'base64')]
  const deep = `{"a":${nested(10_000)}}`
  const long = `{"a":"${'x'.repeat(MAX_TOKEN_TEXT)}"}`
  for (const text of [...not, ...more, deep, b4a.toString(b4a.from(deep), 'base64'), long])
    t.is(parse(text), null, text.slice(0, 20))
})

test('never throws, and undoes tokenText', (t) => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parse(text) !== undefined))
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (token) => {
      const plain: unknown = JSON.parse(JSON.stringify(token))
      return JSON.stringify(parse(tokenText(token))) === JSON.stringify(plain)
    })
  )
  t.pass()
})
