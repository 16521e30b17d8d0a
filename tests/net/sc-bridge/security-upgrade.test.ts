import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import { TOKEN } from '../../helpers/bridge.ts'
import { knock, type RawRequest, RawStream, upgradeRequest } from '../../helpers/raw-websocket.ts'
import { connect, OPEN, openOne } from './helpers.ts'

type Row = readonly [what: string, request: RawRequest, status: number]

/** Each is answered so, and afterwards everything goes on. */
async function answers(t: Assertions, port: number, rows: readonly Row[]): Promise<void> {
  for (const [what, request, status] of rows) {
    const answer = await knock(t, port, request)
    t.is(answer?.status, status, `${what}: ${answer?.body.trim()}`)
    if (status !== 101) t.absent((answer?.body ?? '').includes(TOKEN))
  }
}

test('a malformed upgrade is refused, and nothing else happens', async (t) => {
  const node = await openOne(t)
  const client = await connect(t, node)
  const header = (name: string, value: string | readonly string[] | null): RawRequest => ({
    headers: { [name]: value }
  })
  await answers(t, node.port, [
    ['sound', {}, 101],
    ['no key', header('sec-websocket-key', null), 400],
    ['an empty key', header('sec-websocket-key', ''), 400],
    ['a short key', header('sec-websocket-key', 'c2hvcnQ='), 400],
    ['a key that is no base64', header('sec-websocket-key', '!'.repeat(24)), 400],
    ['two keys', header('sec-websocket-key', ['dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ==']), 400],
    ['no version', header('sec-websocket-version', null), 400],
    ['another version', header('sec-websocket-version', '8'), 426],
    ['versions', header('sec-websocket-version', ['13', '8']), 426],
    [
      'h2c',
      { headers: { upgrade: 'h2c', connection: 'Upgrade, HTTP2-Settings', 'http2-settings': '' } },
      400
    ],
    ['something else', header('upgrade', 'tls/1.0'), 400],
    ['no upgrade', header('upgrade', null), 404],
    ['POST', { method: 'POST' }, 405],
    ['POST with a body', { method: 'POST', headers: { 'content-length': '5' } }, 400],
    ['GET with a body', header('content-length', '5'), 400],
    ['another method', { method: 'DELETE' }, 405],
    ['no method', { method: 'G@T' }, 400],
    ['no Host', header('host', null), 400],
    ['two Hosts', header('host', [`127.0.0.1:${node.port}`, 'evil.example']), 400],
    ['the same Host twice', header('host', [`127.0.0.1:${node.port}`, `127.0.0.1:${node.port}`]), 400],
    ['a Host that is none', header('host', 'a b'), 400],
    ['another path', { path: '/sc' }, 404],
    ['a whole URL', { path: `http://127.0.0.1:${node.port}/` }, 400],
    ['no path', { path: '*' }, 400],
    ['a long path', { path: `/${'x'.repeat(20_000)}` }, 431],
    ['a long header', header('x-long', 'x'.repeat(20_000)), 431]
  ])
  t.is((await client.ask({ type: 'ping' })).type, 'pong')
})

test('what is not HTTP at all', async (t) => {
  const node = await openOne(t)
  const client = await connect(t, node)
  const bytes = b4a.alloc(20_000)
  for (let i = 0; i < bytes.byteLength; i++) bytes[i] = (i * 7919 + (i >> 3)) & 255
  const sound = upgradeRequest(node.port, {})
  const texts: [string, string | Uint8Array][] = [
    ['bytes', bytes],
    ['nulls', b4a.alloc(1000)],
    ['the beginning of TLS', b4a.from('160301020001000001fc0303', 'hex')],
    ['the beginning of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['no version', 'GET /\r\n\r\n'],
    ['a frame', b4a.from('818537fa213d7f9f4d5158', 'hex')],
    ['lines that end with LF', sound.replaceAll('\r\n', '\n').replace('host:', 'x:')],
    ['a folded header', sound.replace('\r\nupgrade:', '\r\n upgrade:')],
    ['a blank before the colon', sound.replace('host:', 'host :')],
    ['bytes in a header', sound.replace('websocket', 'web\u0000socket')],
    ['a token for a request', `${TOKEN}\r\n\r\n`]
  ]
  for (const [what, text] of texts) {
    const stream = await RawStream.open(t, node.port)
    stream.send(text)
    stream.socket.end()
    const answer = await stream.answer()
    t.ok(answer === null || (answer.status >= 400 && answer.status < 500), `${what}: ${answer?.status}`)
    await stream.closed
  }
  t.is((await client.ask({ type: 'ping' })).type, 'pong')
})

test('a page of another origin is refused', async (t) => {
  const allowed = ['--sc-bridge-allow-origin', 'https://good.example,http://localhost:3000']
  const node = await openOne(t, [...OPEN, ...allowed])
  const origin = (value: string | readonly string[]): RawRequest => ({ headers: { origin: value } })
  await answers(t, node.port, [
    ['no origin: no browser', {}, 101],
    ['allowed', origin('https://good.example'), 101],
    ['allowed, with its port', origin('http://localhost:3000'), 101],
    ['foreign', origin('https://evil.example'), 403],
    ['null: a file or a sandboxed frame', origin('null'), 403],
    ['empty', origin(''), 403],
    ['the node itself', origin(`http://127.0.0.1:${node.port}`), 403],
    ['another scheme', origin('http://good.example'), 403],
    ['another port', origin('https://good.example:444'), 403],
    ['a name that begins so', origin('https://good.example.evil.example'), 403],
    ['a name that ends so', origin('https://notgood.example'), 403],
    ['two', origin(['https://good.example', 'https://evil.example']), 403],
    ['allowed twice', origin(['https://good.example', 'https://good.example']), 403]
  ])
  const none = await openOne(t)
  await answers(t, none.port, [
    ['nothing is allowed unless it is said', origin('https://good.example'), 403],
    ['null neither', origin('null'), 403]
  ])
})

test('a name that was pointed here is refused', async (t) => {
  const allowed = ['--sc-bridge-allow-host', 'bridge.example,proxy.example:8443']
  const node = await openOne(t, [...OPEN, ...allowed])
  const { port } = node
  const host = (value: string): RawRequest => ({ headers: { host: value } })
  await answers(t, port, [
    ['the address', host(`127.0.0.1:${port}`), 101],
    ['localhost', host(`localhost:${port}`), 101],
    ['LOCALHOST', host(`LocalHost:${port}`), 101],
    ['IPv6', host(`[::1]:${port}`), 101],
    ['allowed', host('bridge.example'), 101],
    ['allowed, on any port', host(`bridge.example:${port}`), 101],
    ['allowed with its port', host('proxy.example:8443'), 101],
    ['allowed, but not on this port', host(`proxy.example:${port}`), 403],
    ['rebound', host(`evil.example:${port}`), 403],
    ['rebound, without a port', host('evil.example'), 403],
    ['a name that looks like an address', host(`127.0.0.1.evil.example:${port}`), 403],
    ['a name below localhost', host(`evil.localhost:${port}`), 403],
    ['another port', host(`127.0.0.1:${port === 65_535 ? 1 : port + 1}`), 403],
    ['no port', host('127.0.0.1'), 403],
    ['another address', host(`192.168.0.1:${port}`), 403],
    ['any address', host(`0.0.0.0:${port}`), 403]
  ])
})

test('a token in the URL is refused, even the right one', async (t) => {
  const node = await openOne(t)
  const names = ['token', 'TOKEN', 'access_token', 'auth', 'api_key', 'key', 'password', '%74oken']
  await answers(
    t,
    node.port,
    names.map((name) => [name, { path: `/?a=1&${name}=${TOKEN}` }, 400])
  )
  await answers(t, node.port, [['what is no secret', { path: '/?a=1' }, 101]])
  const lines = node.lines.join('\n')
  t.absent(lines.includes(TOKEN), 'and it is not in the log')
})
