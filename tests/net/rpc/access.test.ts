import test, { type Assertions } from 'brittle'
import fs from '#fs'
import { IntercomError } from '../../../src/base/errors.ts'
import { renderMetrics } from '../../../src/metrics/render.ts'
import { openRpc, RPC_TOKEN } from '../../helpers/rpc.ts'
import { httpAsk, samplesOf } from '../../helpers/scrape.ts'
import { exchange, requestText, TLS } from '../http/helpers.ts'

const PAGE = 'https://app.example'
const CORS = ['access-control-allow-origin', 'access-control-allow-methods', 'access-control-allow-headers']

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` })

test('a token is asked for, except for health', async (t) => {
  const { node, port, get, post } = await openRpc(t)
  const paths = [
    '/v1/status',
    '/v1/state?key=a',
    '/v1/contract/schema',
    '/v1/contract/nonce',
    '/v1/openapi.json'
  ]
  for (const path of [...paths, '/v1/contract/tx/context']) {
    const { status, headers, json } = await get(path, {})
    t.alike([status, json.code, headers['www-authenticate']], [401, 'unauthorized', 'Bearer'], path)
    t.is(json.error, 'Send the token: "Authorization: Bearer <token>".')
  }
  for (const path of ['/v1/contract/tx', '/v1/contract/tx/prepare'])
    t.is((await post(path, {}, {})).status, 401, path)
  t.is((await get('/v1/health', {})).status, 200)
  t.is((await get('/v1/health', bearer('wrong'))).status, 200)
  t.is((await get('/nothing', {})).status, 404)

  const big = await httpAsk(port, '/v1/contract/tx', { method: 'POST', body: 'x'.repeat(900_000) })
  t.is(big.status, 401, 'what strangers send is not read')
  const wrong = await get('/v1/status', bearer(`${RPC_TOKEN}x`))
  t.alike([wrong.status, wrong.json.error], [401, 'Unauthorized.'])
  for (const authorization of [RPC_TOKEN, `Basic ${RPC_TOKEN}`, 'Bearer', `Bearer ${RPC_TOKEN.slice(1)}`])
    t.is((await get('/v1/status', { Authorization: authorization })).status, 401, authorization)
  const begun = Date.now()
  t.is((await get('/v1/status', bearer('wrong again'))).status, 401)
  t.ok(Date.now() - begun >= 350, 'the third wrong one waits longer')
  t.is((await get('/v1/status')).status, 200, 'the right one does not')

  const samples = samplesOf(renderMetrics(node.metrics))
  t.is(samples.get('intercom_auth_failures_total{server="rpc"}'), 3)
  t.is(samples.get('intercom_rpc_requests_total{endpoint="status",status="200"}'), 1)
  t.is(samples.get('intercom_rpc_requests_total{endpoint="tx",status="401"}'), 2)
})

test('hosts and pages', async (t) => {
  const { node, port, get, serve } = await openRpc(t)
  const token = bearer(RPC_TOKEN)
  const plain = await get('/v1/health')
  for (const name of CORS) t.absent(plain.headers[name], 'nothing is said of pages')
  t.is((await httpAsk(port, '/', { method: 'OPTIONS' })).status, 204)
  t.is((await httpAsk(port, '/', { method: 'OPTIONS', headers: { Origin: PAGE } })).status, 403)

  const own = await serve({ rpcAllowOrigin: PAGE, rpcAllowHost: ['proxy.example'] })
  for (const [status, headers] of [
    [403, { ...token, Host: `evil.example:${own.port}` }],
    [403, { ...token, Host: '127.0.0.1:1' }],
    [200, { ...token, Host: `localhost:${own.port}` }],
    [200, { ...token, Host: 'proxy.example' }],
    [403, { ...token, Origin: 'https://evil.example' }],
    [403, { ...token, Origin: 'null' }],
    [200, { ...token, Origin: PAGE }],
    [400, { ...token, Host: '' }]
  ] as const) {
    const answer = await own.get('/v1/contract/nonce', headers)
    t.is(answer.status, status, JSON.stringify(headers))
    if (status === 403) t.is(answer.json.code, 'forbidden')
  }
  t.is((await own.get('/v1/health', { Origin: 'https://evil.example' })).status, 403, 'health too')

  const asks = { Origin: PAGE, 'Access-Control-Request-Method': 'POST' }
  for (const path of ['/v1/contract/tx', '/nothing']) {
    const preflight = await httpAsk(own.port, path, { method: 'OPTIONS', headers: asks })
    t.alike([preflight.status, preflight.body], [204, ''], path)
    t.alike(
      CORS.map((name) => preflight.headers[name]),
      [PAGE, 'GET, POST, OPTIONS', 'Content-Type, Authorization']
    )
  }
  for (const path of ['/v1/health', '/v1/status', '/nothing']) {
    const { headers } = await own.get(path, { Origin: PAGE })
    t.is(headers['access-control-allow-origin'], PAGE, `${path}: a page can read what went wrong`)
  }
  const evil = { ...asks, Origin: 'https://evil.example' }
  t.is((await httpAsk(own.port, '/v1/contract/tx', { method: 'OPTIONS', headers: evil })).status, 403)

  const open = await serve({ rpcPublic: true, rpcAllowOrigin: '*' })
  t.is((await open.get('/v1/status', {})).status, 200, 'nobody is asked')
  t.is((await open.get('/v1/status', bearer('any'))).status, 200)
  const page = await open.get('/v1/status', { Origin: 'https://any.example' })
  t.alike([page.status, page.headers['access-control-allow-origin']], [200, '*'])
  t.is((await open.get('/v1/status', { Host: `evil.example:${open.port}` })).status, 403)
  t.alike((await open.get('/v1/openapi.json', {})).json.security, [])
  t.absent(fs.existsSync(node.store.file('rpc.token')), 'no token is made')
})

test('where it may listen, and with which token', async (t) => {
  const { node, serve } = await openRpc(t)
  const rpcHost = '0.0.0.0'
  const { cert: rpcTlsCert, key: rpcTlsKey } = TLS
  await fails(t, serve({ rpcHost }), ['--rpc-tls-cert and --rpc-tls-key', '--rpc-insecure-remote 1'])
  await fails(t, serve({ rpcHost, rpcTlsCert }), ['--rpc-tls-cert needs --rpc-tls-key'])
  await fails(t, serve({ rpcAllowOrigin: 'app.example' }), ['--rpc-allow-origin'])
  await fails(t, serve({ rpcAllowHost: ['http://a'] }), ['--rpc-allow-host'])
  await fails(t, serve({ rpcToken: ' spaces ' }), ['--rpc-token has white space at its ends'])
  const insecure = await serve({ rpcHost, rpcInsecureRemote: true })
  t.is((await insecure.get('/v1/status')).status, 200)
  const secure = await serve({ rpcHost, rpcTlsCert, rpcTlsKey })
  const client = await exchange(secure.port, requestText(secure.port, { target: '/v1/health' }), {
    secure: true
  })
  t.ok(client.status === 200 && client.text.endsWith('{"ok":true}'))

  await serve({ rpcToken: null })
  const file = node.store.file('rpc.token')
  t.is(fs.statSync(file).mode & 0o777, 0o600)
  const made = fs.readFileSync(file, 'utf-8')
  t.ok(/^[0-9a-f]{64}\n$/.test(made))
  t.absent(fs.existsSync(node.store.file('sc-bridge.token')), 'of its own')
  const again = await serve({ rpcToken: null })
  t.is((await again.get('/v1/status')).status, 401)
  t.is((await again.get('/v1/status', bearer(made.trim()))).status, 200, 'found again')
  t.absent(node.config.rpcToken)

  node.planes.subnet = null
  try {
    await serve({})
    t.fail('opened without a subnet')
  } catch (error) {
    t.is((error as IntercomError).code, 'no_subnet')
  }
})

async function fails(t: Assertions, opening: Promise<unknown>, texts: readonly string[]): Promise<void> {
  try {
    await opening
    t.fail(`opened without ${texts}`)
  } catch (error) {
    if (!(error instanceof IntercomError)) throw error
    t.is(error.code, 'bad_flag')
    for (const text of texts) t.ok(error.message.includes(text), error.message)
  }
}
