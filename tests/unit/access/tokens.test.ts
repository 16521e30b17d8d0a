import test from 'brittle'
import fc from 'fast-check'
import { createAuthenticate, FULL_ACCESS, parseTokens } from '../../../src/access/tokens.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import { CAPABILITIES } from '../../../src/bridge/protocol.ts'
import { errorOf, failsWith } from '../../helpers/errors.ts'

const ONE = 'first-token-0123456789'
const TWO = 'second-token-012345678'

function shown(text: string) {
  return parseTokens(text).map(({ token, access: { capabilities, channels } }) => ({
    token,
    capabilities: [...capabilities],
    channels: channels === null ? null : [...channels]
  }))
}

test('tokens and what they give, in both forms', (t) => {
  const text = JSON.stringify({
    [ONE]: ['read', 'send'],
    [TWO]: { capabilities: ['read'], channels: ['lobby', ' a, b '] }
  })
  t.alike(shown(text), [
    { token: ONE, capabilities: ['read', 'send'], channels: null },
    { token: TWO, capabilities: ['read'], channels: ['lobby', 'a, b'] }
  ])
  t.alike(shown(`{"${TWO}": {"capabilities": ["cli"]}}`), [
    { token: TWO, capabilities: ['cli'], channels: null }
  ])
  t.alike(shown('{}'), [])
  t.is(shown(`{"\\u0041\\"escaped:{[token": ["read"]}`)[0]?.token, 'A"escaped:{[token')
})

test('faults are named by their place, never by a token', (t) => {
  const rows: [text: string, names: string][] = [
    ['', 'JSON object'],
    [`${ONE}`, 'JSON object'],
    [`{"${ONE}": ["read"]`, 'JSON object'],
    [`["${ONE}"]`, 'JSON object'],
    ['null', 'JSON object'],
    [`"${ONE}"`, 'JSON object'],
    [`{"${ONE}": ["read"], "tiny-secret": ["read"]}`, 'entry 2 is shorter than 16'],
    [`{"1234567": ["read"], "${ONE}": ["read"]}`, 'entry 1 is shorter'],
    [`{"${ONE}": ["read"], "12345": ["read"]}`, 'entry 2 is shorter'],
    [`{"${'x'.repeat(5000)}": ["read"]}`, 'entry 1 is longer'],
    [`{"${ONE} with space": ["read"]}`, 'entry 1 has white space'],
    [`{"${ONE}": ["read"], "${TWO}": ["send"], "${ONE}": ["admin"]}`, 'entry 3 has the token of entry 1'],
    [`{"${ONE}": []}`, 'entry 1: expected a list of one or more of read'],
    [`{"${ONE}": ["root"]}`, 'entry 1: expected a list of one or more'],
    [`{"${ONE}": "read"}`, 'entry 1: expected a list of capabilities, or an object'],
    [`{"${ONE}": null}`, 'entry 1: expected a list'],
    [`{"${ONE}": {}}`, 'entry 1: expected a list of one or more'],
    [`{"${ONE}": {"channels": ["a"]}}`, 'entry 1: expected a list of one or more'],
    [`{"${ONE}": {"capabilities": ["read"], "channels": []}}`, 'entry 1: expected 1-1024 channel'],
    [
      `{"${ONE}": {"capabilities": ["read"], "channels": ["${TWO}", "a\\nb"]}}`,
      'entry 1: expected 1-1024 channel'
    ],
    [`{"${ONE}": {"capabilities": ["read"], "channels": "a"}}`, 'entry 1: expected 1-1024 channel'],
    [
      `{"${ONE}": {"capabilities": ["read"], "${TWO}": ["read"]}}`,
      'entry 1: expected a list of capabilities, or'
    ],
    [
      JSON.stringify(Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`${ONE}-${i}`, ['read']]))),
      'at most 256'
    ]
  ]
  for (const [text, names] of rows) {
    failsWith(t, 'bad_flag', [names, '--sc-bridge-tokens'], () => parseTokens(text))
    const { message, next } = errorOf(t, () => parseTokens(text))
    for (const secret of [ONE, TWO, 'tiny-secret', '1234567', 'xxxx'])
      t.absent((message + next).includes(secret), names)
  }
})

test('whatever the text is, there are tokens or a clean error', (t) => {
  const value = fc.jsonValue({ maxDepth: 3 })
  const entries = fc.dictionary(fc.string({ minLength: 14, maxLength: 20 }), value)
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        entries.map((object) => JSON.stringify(object))
      ),
      (text) => {
        try {
          return parseTokens(text).every(
            ({ token, access }) => token.length >= 16 && access.capabilities.size > 0
          )
        } catch (error) {
          return error instanceof IntercomError && error.code === 'bad_flag'
        }
      }
    )
  )
  t.pass()
})

test('each token gives its own access and nothing else gives any', (t) => {
  const main = 'the-main-token-0123456789'
  const more = parseTokens(JSON.stringify({ [ONE]: ['read'], [TWO]: ['send'] }))
  const authenticate = createAuthenticate([{ token: main, access: FULL_ACCESS }, ...more])
  t.alike([...(authenticate(main)?.capabilities ?? [])], Object.keys(CAPABILITIES) as never)
  t.alike([...(authenticate(ONE)?.capabilities ?? [])], ['read'])
  t.alike([...(authenticate(TWO)?.capabilities ?? [])], ['send'])
  for (const wrong of ['', `${ONE} `, ONE.slice(1), ONE.toUpperCase(), '__proto__', 'x'.repeat(100_000)])
    t.is(authenticate(wrong), null)
})
