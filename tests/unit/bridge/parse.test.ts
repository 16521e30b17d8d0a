import test from 'brittle'
import fc from 'fast-check'
import { tokenText } from '../../../src/base/token-text.ts'
import { parseRequest } from '../../../src/bridge/parse.ts'
import { REQUESTS } from '../../../src/bridge/protocol.ts'

const KEY = 'ab'.repeat(32)

test('a request is checked field by field', (t) => {
  const parsed = parseRequest('{"id":7,"type":"send","channel":" lobby ","message":{"a":1},"else":true}')
  t.alike(parsed, {
    ok: true,
    id: 7,
    request: { type: 'send', fields: { channel: 'lobby', message: { a: 1 } } }
  })
})

test('the sentences of refusals', (t) => {
  const rows: [request: unknown, error: string][] = [
    [{ type: 'send', message: 'x' }, 'Missing channel.'],
    [{ type: 'send', channel: '', message: 'x' }, 'Missing channel.'],
    [{ type: 'send', channel: 5, message: 'x' }, 'Missing channel.'],
    [
      { type: 'send', channel: 'a\u0000', message: 'x' },
      'Invalid channel (expected 1-128 bytes without control characters).'
    ],
    [
      { type: 'send', channel: 'x'.repeat(129), message: 'x' },
      'Invalid channel (expected 1-128 bytes without control characters).'
    ],
    [{ type: 'send', channel: 'a' }, 'Missing message.'],
    [{ type: 'send', channel: 'a', message: 1, invite: '{' }, 'Invalid invite (expected JSON or base64).'],
    [{ type: 'send', channel: 'a', message: 1, welcome: 5 }, 'Invalid welcome (expected JSON or base64).'],
    [{ type: 'join' }, 'Missing channel.'],
    [{ type: 'join', channel: null }, 'Missing channel.'],
    [
      { type: 'open', channel: 'a', via: '' },
      'Invalid via (expected 1-128 bytes without control characters).'
    ],
    [{ type: 'join', channel: 'a', owner: 'x' }, 'Invalid owner (expected 64 hex digits).'],
    [{ type: 'subscribe', channels: 'a' }, 'Invalid channels (expected a list of names).'],
    [{ type: 'subscribe', channel: 'a', since: -1 }, 'Invalid since (expected a whole number from 0).'],
    [{ type: 'invite', channel: 'a', pubkey: KEY, ttl: 0 }, 'Invalid ttl (expected a whole number from 1).'],
    [{ type: 'cli' }, 'Missing command.'],
    [{ type: 'get' }, 'Missing key.'],
    [{ type: 'get', key: '' }, 'Missing key.'],
    [{ type: 'get', key: 'a', confirmed: 1 }, 'Invalid confirmed (expected true or false).'],
    [{ type: 'list' }, 'Missing prefix.'],
    [{ type: 'list', prefix: 5 }, 'Invalid prefix (expected text of at most 256 bytes).'],
    [{ type: 'list', prefix: 'é'.repeat(129) }, 'Invalid prefix (expected text of at most 256 bytes).'],
    [{ type: 'list', prefix: '', limit: 0 }, 'Invalid limit (expected a whole number from 1).'],
    [{ type: 'list', prefix: '', limit: 1001 }, 'Invalid limit (at most 1000).'],
    [{ type: 'watch', prefixes: '' }, 'Invalid prefixes (expected a list of texts).'],
    [{ type: 'watch', prefixes: [1] }, 'Invalid prefixes (expected text of at most 256 bytes).'],
    [{ type: 'watch', prefixes: Array(257).fill('a') }, 'Invalid prefixes (at most 256).'],
    [{ type: 'watch', chat: 'yes' }, 'Invalid chat (expected true or false).'],
    [{ type: 'tx', dispatch: [] }, 'Invalid dispatch (expected an object with type and value).'],
    [{ type: 'tx', dispatch: { type: 'a' } }, 'Invalid dispatch (expected an object with type and value).'],
    [{ type: 'submit', tx: 'x' }, 'Invalid tx (expected 64 hex digits).'],
    [
      { type: 'submit', tx: KEY, prepared_command: { type: 'a', value: 1 }, address: KEY, signature: KEY },
      'Invalid signature (expected 128 hex digits).'
    ],
    [{ type: 'post' }, 'Missing message.'],
    [{ type: 'post', message: null }, 'Missing message.'],
    [{ type: 'post', message: 'a', reply_to: -1 }, 'Invalid reply_to (expected a whole number from 0).'],
    [{ type: 'operate', operation: 'exit' }, 'Invalid operation (the reference lists them).'],
    [{ type: 'operate', operation: 'add_writer', args: 'key' }, 'Invalid args (expected an object).'],
    [{ type: 'nope' }, 'Unknown type: nope'],
    [{ type: 'toString' }, 'Unknown type: toString'],
    [{ type: '__proto__' }, 'Unknown type: __proto__'],
    [{}, 'Unknown type: undefined'],
    [[], 'Invalid JSON.'],
    [null, 'Invalid JSON.']
  ]
  for (const [request, error] of rows) {
    const parsed = parseRequest(JSON.stringify(request))
    t.is(parsed.ok ? 'accepted' : parsed.error, error, JSON.stringify(request)?.slice(0, 80))
  }
  const notJson = parseRequest('{')
  t.is(notJson.ok ? '' : notJson.error, 'Invalid JSON.')
})

test('null stands for a field that is not given', (t) => {
  const fieldsOf = (request: object) => {
    const parsed = parseRequest(JSON.stringify(request))
    return parsed.ok ? parsed.request.fields : parsed.error
  }
  const none = { invite: null, welcome: null, owner: null, via: null }
  t.alike(fieldsOf({ type: 'join', channel: 'a', ...none }), { channel: 'a' })
  t.alike(fieldsOf({ type: 'open', channel: 'a', ...none }), { channel: 'a' })
  t.alike(fieldsOf({ type: 'send', channel: 'a', message: null, ...none }), { channel: 'a', message: null })
  t.alike(fieldsOf({ type: 'subscribe', channel: null, channels: ['a'], since: null, epoch: null }), {
    channels: ['a']
  })
  t.alike(fieldsOf({ type: 'set_filter', filter: null }), { filter: '' })
})

test('only a whole number is an id', (t) => {
  const ids: [id: unknown, echoed: number | null][] = [
    [1, 1],
    [0, 0],
    [-3, -3],
    [1.5, null],
    ['1', null],
    [null, null],
    [2 ** 60, null]
  ]
  for (const [id, echoed] of ids)
    t.is(parseRequest(JSON.stringify({ id, type: 'ping' })).id, echoed, String(id))
  t.is(parseRequest('{"id":4,"type":"nope"}').id, 4, 'in a refusal too')
})

test('invites and welcomes in each of their forms', (t) => {
  const invite = { payload: { channel: 'a' }, sig: 'x' }
  for (const form of [invite, JSON.stringify(invite), tokenText(invite), `b64:${tokenText(invite)}`]) {
    const parsed = parseRequest(JSON.stringify({ type: 'join', channel: 'a', invite: form }))
    t.alike(parsed.ok && parsed.request.fields, { channel: 'a', invite })
  }
})

test('the examples of the table are requests', (t) => {
  for (const [type, { example }] of Object.entries(REQUESTS)) {
    const text = JSON.stringify({ type, ...example }).replaceAll('<hex>', KEY)
    t.ok(parseRequest(text).ok, text)
  }
})

test('whatever comes is a request or its refusal', (t) => {
  fc.assert(fc.property(fc.string(), (text) => typeof parseRequest(text).ok === 'boolean'))
  const field = fc.oneof(fc.jsonValue(), fc.constantFrom('lobby', KEY, 3, {}, []))
  const names = fc.constantFrom(
    'id',
    'channel',
    'channels',
    'message',
    'invite',
    'since',
    'epoch',
    'filter',
    '__proto__'
  )
  const request = fc.record({
    type: fc.constantFrom(...Object.keys(REQUESTS)),
    fields: fc.dictionary(names, field)
  })
  fc.assert(
    fc.property(request, ({ type, fields }) => {
      return typeof parseRequest(JSON.stringify({ ...fields, type })).ok === 'boolean'
    })
  )
  t.pass()
})
