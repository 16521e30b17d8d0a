import test from 'brittle'
import fc from 'fast-check'
import { bearerToken, createGate, hasBody, type RequestHead, upgradeFault } from '../../../src/http/gate.ts'

const PORT = 49222
const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const gate = createGate({
  host: '127.0.0.1',
  port: PORT,
  defaultPort: 80,
  allowHosts: [],
  allowOrigins: ['https://app.example'],
  flags: { allowHost: '--allow-host', allowOrigin: null }
})

function head(more: Partial<RequestHead> = {}): RequestHead {
  return { method: 'GET', url: '/', httpVersion: '1.1', headers: { host: `localhost:${PORT}` }, ...more }
}

test('the gate: Host, then Origin, then the target', (t) => {
  const host = `localhost:${PORT}`
  const rows: [status: number | null, head: Partial<RequestHead>][] = [
    [null, {}],
    [null, { url: '/any/path?a=b&c' }],
    [400, { headers: {} }],
    [400, { headers: { host: '' } }],
    [400, { headers: { host: `${host}, ${host}` } }],
    [403, { headers: { host: 'evil.example' } }],
    [403, { headers: { host: 'localhost:1' } }],
    [null, { headers: { host, origin: 'https://app.example' } }],
    [403, { headers: { host, origin: 'null' } }],
    [403, { headers: { host, origin: '' } }],
    [403, { headers: { host, origin: 'https://evil.example' } }],
    [403, { headers: { host, origin: ['https://app.example', 'https://app.example'] } }],
    [400, { url: '' }],
    [400, { url: '*' }],
    [400, { url: `http://${host}/` }],
    [431, { rawHeaders: Array.from({ length: 130 }, () => 'a') }],
    [null, { rawHeaders: Array.from({ length: 128 }, () => 'a') }]
  ]
  for (const [status, more] of rows) t.is(gate(head(more))?.status ?? null, status, JSON.stringify(more))
})

test('a refusal names the flag that opens, where there is one', (t) => {
  t.ok(gate(head({ headers: { host: 'evil.example' } }))?.body.includes('--allow-host'))
  const host = `localhost:${PORT}`
  t.is(gate(head({ headers: { host, origin: 'null' } }))?.body, 'This Origin is not allowed.\n')
})

test('tokens do not go into URLs', (t) => {
  const bad = [
    'token=a',
    'token',
    'x=1&token=a',
    'x;token=a',
    'TOKEN=a',
    'access_token=a',
    'api-key=a',
    'apikey=a'
  ]
  bad.push(
    'auth=a',
    'Authorization=Bearer%20a',
    'key=a',
    'password=a',
    'secret',
    '%74oken=a',
    'to%6Ben=a',
    '?token=a'
  )
  for (const query of bad) t.is(gate(head({ url: `/?${query}` }))?.status, 400, query)
  for (const query of ['', 'client=a', 'keyboard=1', 'v=token', '%', '%zz=1', 'x=%E0%A4%A']) {
    t.is(gate(head({ url: `/?${query}` })), null, query)
  }
})

test('a parameter that is called like a secret, and pages of every origin, where the server says so', (t) => {
  const open = createGate({
    host: '127.0.0.1',
    port: PORT,
    defaultPort: 80,
    allowHosts: [],
    allowOrigins: [],
    anyOrigin: true,
    parameters: ['key'],
    flags: { allowHost: null, allowOrigin: null }
  })
  for (const query of ['key=a', 'key=token', 'x=1&key=a'])
    t.is(open(head({ url: `/?${query}` })), null, query)
  for (const query of ['token=a', 'KEY=a', 'key=a&api_key=b', 'key=a;secret=b'])
    t.is(open(head({ url: `/?${query}` }))?.status, 400, query)
  const host = `localhost:${PORT}`
  for (const origin of ['https://any.example', 'null'])
    t.is(open(head({ headers: { host, origin } })), null, origin)
  t.is(open(head({ headers: { host: 'evil.example' } }))?.status, 403)
})

test('an upgrade is one to websocket, version 13, with a key', (t) => {
  const good = {
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': KEY
  }
  t.is(upgradeFault(head({ headers: good })), null)
  t.is(upgradeFault(head({ headers: { ...good, upgrade: 'WebSocket', 'content-length': '0' } })), null)
  const refused: [status: number, head: Partial<RequestHead>][] = [
    [400, { headers: {} }],
    [400, { headers: { ...good, upgrade: 'h2c' } }],
    [400, { headers: { ...good, upgrade: 'websockets' } }],
    [400, { headers: { ...good, upgrade: 'websocket, h2c' } }],
    [400, { headers: { ...good, upgrade: ['websocket', 'websocket'] } }],
    [400, { headers: { ...good, 'sec-websocket-version': undefined } }],
    [426, { headers: { ...good, 'sec-websocket-version': '' } }],
    [426, { headers: { ...good, 'sec-websocket-version': '12' } }],
    [426, { headers: { ...good, 'sec-websocket-version': '+13' } }],
    [426, { headers: { ...good, 'sec-websocket-version': '13, 13' } }],
    [426, { headers: { ...good, 'sec-websocket-version': ['13', '8'] } }],
    [400, { headers: { ...good, 'sec-websocket-key': undefined } }],
    [400, { headers: { ...good, 'sec-websocket-key': '' } }],
    [400, { headers: { ...good, 'sec-websocket-key': 'short==' } }],
    [400, { headers: { ...good, 'sec-websocket-key': 'a'.repeat(24) } }],
    [400, { headers: { ...good, 'sec-websocket-key': `${'a'.repeat(23)}=` } }],
    [400, { headers: { ...good, 'sec-websocket-key': `${'é'.repeat(22)}==` } }],
    [400, { headers: { ...good, 'sec-websocket-key': [KEY, KEY] } }],
    [400, { headers: { ...good, 'content-length': '1' } }],
    [400, { headers: { ...good, 'transfer-encoding': 'chunked' } }],
    [405, { headers: good, method: 'POST' }],
    [405, { headers: good, method: undefined }],
    [400, { headers: good, httpVersion: '1.0' }]
  ]
  for (const [status, more] of refused) t.is(upgradeFault(head(more))?.status, status, JSON.stringify(more))
})

test('a refused upgrade says what would have been one', (t) => {
  const headers = { upgrade: 'websocket', 'sec-websocket-version': '8' }
  t.alike(upgradeFault(head({ headers }))?.headers, {
    Connection: 'Upgrade, close',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13'
  })
  t.alike(upgradeFault(head({ headers, method: 'POST' }))?.headers, { Allow: 'GET' })
})

test('bearer tokens', (t) => {
  const token = (authorization: string) => bearerToken({ authorization })
  t.is(token('Bearer abc'), 'abc')
  t.is(token('bearer   a.b~c+/='), 'a.b~c+/=')
  t.is(token('Bearer two words'), 'two words')
  for (const bad of [
    '',
    'Bearer',
    'Bearer ',
    'Basic abc',
    'abc',
    'Bearerabc',
    ' Bearer abc',
    'Bearer a\u00e9',
    'Bearer a '
  ]) {
    t.is(token(bad), null, bad)
  }
  t.is(bearerToken({}), null)
  t.not(token('Bearer a, Bearer a'), 'a', 'two of them are not one')
})

test('whether a body is announced', (t) => {
  t.absent(hasBody({}))
  t.absent(hasBody({ 'content-length': '0' }))
  t.ok(hasBody({ 'content-length': '1' }))
  t.ok(hasBody({ 'content-length': '00' }), 'what is not plainly nothing is something')
  t.ok(hasBody({ 'transfer-encoding': '' }))
})

test('no head makes it throw, and only our Host gets through', (t) => {
  const value = fc.option(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.array(fc.string())), {
    nil: undefined
  })
  const names = ['host', 'origin', 'upgrade', 'authorization', 'sec-websocket-key', 'content-length']
  const headers = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value)
  fc.assert(
    fc.property(headers, fc.string({ unit: 'binary' }), fc.string(), (fields, url, method) => {
      const request = head({ headers: fields, url, method })
      upgradeFault(request)
      bearerToken(fields)
      return gate(request) !== null
    })
  )
  t.pass()
})
