import test from 'brittle'
import * as v from 'valibot'
import { ENDPOINTS, type EndpointName } from '../../../src/rpc/endpoints.ts'
import { type JsonAnswer, jsonOf, openRpc, RPC_TOKEN } from '../../helpers/rpc.ts'
import { httpAsk } from '../../helpers/scrape.ts'

const HEX32 = /^[0-9a-f]{64}$/

/** Whether an answer has the fields that the reference says it has, and no others. */
function fits(name: EndpointName, { status, json }: JsonAnswer): boolean {
  return status === 200 && v.is(v.strictObject(ENDPOINTS[name].reply), json)
}

test('what can be read', async (t) => {
  const { node, desk, port, get, post } = await openRpc(t, ['--subnet-channel', 'my-subnet'])

  const health = await get('/v1/health', {})
  t.alike([health.status, health.json], [200, { ok: true }])

  // Before there is an admin nobody knows who settles.
  const early = await get('/v1/status')
  t.ok(fits('status', early))
  t.alike(early.json.msb, {
    ...{ ready: false, settlement: null, bootstrapHex: null, networkId: null, signedLength: 0 }
  })
  const unknown = await get('/v1/contract/tx/context')
  t.is(unknown.status, 400)
  t.is(unknown.json.code, 'no_admin')

  await desk.subnet.append({ type: 'addAdmin', key: node.key, rules: 2, settlement: 'local' })
  const status = await get('/v1/status')
  t.ok(fits('status', status))
  const { signedLength, viewLength } = (await desk.stats()).result
  t.alike(status.json.peer, {
    pubKeyHex: node.key,
    writerKeyHex: desk.writerKey,
    msbAddress: node.address,
    baseWritable: true,
    isIndexer: true,
    isWriter: true,
    subnetBootstrapHex: desk.bootstrap,
    subnetChannelUtf8: 'my-subnet',
    subnetSignedLength: signedLength,
    subnetUnsignedLength: viewLength,
    admin: node.key,
    chatStatus: null
  })

  const context = await get('/v1/contract/tx/context')
  t.ok(fits('context', context))
  t.alike(context.json.msb, { ...(await desk.txContext()), operationType: 12 })
  t.alike(status.json.msb, {
    ...{ ready: true, settlement: 'local', signedLength },
    ...{ bootstrapHex: (await desk.txContext()).mbs, networkId: (await desk.txContext()).networkId }
  })

  const state = await get('/v1/state?key=admin')
  t.ok(fits('state', state))
  t.alike(state.json, { key: 'admin', confirmed: true, value: node.key })
  t.alike((await get('/v1/state?key=admin&confirmed=false')).json, {
    key: 'admin',
    confirmed: false,
    value: node.key
  })
  t.alike((await get('/v1/state?confirmed=1&key=a%2Fb+c%20d')).json, {
    key: 'a/b c d',
    confirmed: false,
    value: null
  })
  t.alike((await get('/v1/state?key=token')).json, { key: 'token', confirmed: true, value: null })

  const schema = await get('/v1/contract/schema')
  t.ok(fits('schema', schema))
  t.alike(schema.json, JSON.parse(JSON.stringify(desk.contractSchema())))
  const { contractClass, txTypes } = desk.contractSchema().contract
  t.is(contractClass, 'SampleContract')
  t.ok(txTypes.includes('storeSomething') && txTypes.includes('submitSomething'))

  const nonces = await Promise.all([get('/v1/contract/nonce'), get('/v1/contract/nonce')])
  for (const nonce of nonces) t.ok(fits('nonce', nonce) && HEX32.test(String(nonce.json.nonce)))
  t.not(nonces[0].json.nonce, nonces[1].json.nonce)

  const document = (await get('/v1/openapi.json')).json as {
    readonly openapi: string
    readonly servers: readonly { readonly url: string }[]
    readonly paths: object
    readonly components: {
      readonly schemas: { readonly PreparedCommand: { readonly oneOf: readonly object[] } }
    }
  }
  t.is(document.openapi, '3.1.0')
  t.is(document.servers[0]?.url, `http://127.0.0.1:${port}`)
  t.alike(
    Object.keys(document.paths),
    Object.values(ENDPOINTS).map(({ path }) => path)
  )
  const commands = document.components.schemas.PreparedCommand.oneOf as {
    properties: { type: { const: string } }
  }[]
  t.alike(
    commands.map(({ properties }) => properties.type.const),
    txTypes,
    'the transactions of this app'
  )

  // What is not there, and what is asked wrongly.
  const notFound = async (answer: Promise<JsonAnswer>, what: string) => {
    const { status, json } = await answer
    t.alike([status, json.error, json.code], [404, 'Not Found', 'not_found'], what)
  }
  for (const path of [
    '/health',
    '/',
    '/v1',
    '/v1/health/',
    '/v1/Health',
    '/v1/%68ealth',
    '/metrics',
    '/healthz'
  ])
    await notFound(get(path), path)
  await notFound(post('/v1/health', {}), 'POST')
  await notFound(get('/v1/contract/tx'), 'GET')
  const headers = { Authorization: `Bearer ${RPC_TOKEN}` }
  for (const method of ['PUT', 'DELETE', 'PATCH'])
    await notFound(httpAsk(port, '/v1/state?key=a', { method, headers }).then(jsonOf), method)

  for (const [query, error] of [
    ['', 'Missing key.'],
    ['?key=', 'Missing key.'],
    ['?keys=a', 'Missing key.'],
    ['?key=%', 'Invalid parameters: expected UTF-8, percent-encoded.'],
    ['?key=%ff', 'Invalid parameters: expected UTF-8, percent-encoded.'],
    ['?token=a&key=a', 'A token must not be part of a URL: send it in the Authorization header or message.']
  ]) {
    const { status, json } = await get(`/v1/state${query}`)
    t.alike([status, json.error, json.code], [400, error, 'bad_request'], query)
    t.ok(json.next)
  }
  const head = await httpAsk(port, '/v1/health', { method: 'HEAD' })
  t.alike([head.status, head.body, head.headers['content-length']], [200, '', '11'])
})
