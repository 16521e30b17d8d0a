import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import { commandHash, type Dispatch, type TxContext, txHash } from '../../../src/app/payloads.ts'
import { encodeAddress } from '../../../src/identity/address.ts'
import { type JsonAnswer, type OpenedRpc, openRpc, RPC_TOKEN, type Served } from '../../helpers/rpc.ts'
import { alice } from '../../helpers/subnet/ops.ts'
import { Client, requestText } from '../http/helpers.ts'

const A = alice.publicKey
const SUBMIT: Dispatch = { type: 'submitSomething', value: { op: 'do_something', some_key: 'mine' } }

async function openSubnet(t: Assertions): Promise<OpenedRpc> {
  const rpc = await openRpc(t)
  await rpc.desk.subnet.append({ type: 'addAdmin', key: rpc.node.key, rules: 2, settlement: 'local' })
  return rpc
}

/** What a client that has nothing but HTTP does, up to the body of its request. */
async function signed({ get }: Served, dispatch: Dispatch) {
  const { nonce } = (await get('/v1/contract/nonce')).json as { nonce: string }
  const { msb } = (await get('/v1/contract/tx/context')).json as { msb: TxContext }
  const tx = txHash({ ...msb, ch: commandHash(dispatch), nonce })
  const signature = alice.sign(b4a.from(tx, 'hex'))
  return { tx, prepared_command: dispatch, address: A, signature, nonce }
}

function refusal({ status, json }: JsonAnswer): [status: number, error: unknown, code: unknown] {
  return [status, json.error, json.code]
}

test('nonce, context, sign, try, make, look', async (t) => {
  const rpc = await openSubnet(t)
  const { desk, get, post, serve } = rpc
  const body = await signed(rpc, SUBMIT)
  const prepared = await post('/v1/contract/tx/prepare', {
    ...{ prepared_command: SUBMIT, address: A, nonce: body.nonce }
  })
  t.alike(prepared.json, { tx: body.tx, command_hash: commandHash(SUBMIT) }, 'whoever does not compute it')

  const tried = await post('/v1/contract/tx', { ...body, sim: true })
  t.is(tried.status, 200)
  t.is(tried.json.result, null)
  t.ok(String((tried.json.log as string[])[0]).includes(A), 'what the contract logged')
  t.is(await desk.get(`submitted_by/${A}`, false), null, 'nothing was written')

  t.alike(refusal(await post('/v1/contract/tx', { ...body, sim: false })), [
    ...([403, 'Transactions not exposed in API.', 'disabled'] as const)
  ])
  t.alike(refusal(await post('/v1/contract/tx', {})), [403, 'Transactions not exposed in API.', 'disabled'])

  const open = await serve({ apiTxExposed: true })
  const made = await open.post('/v1/contract/tx', body)
  t.is(made.status, 200)
  const { txv, iw, bs, mbs } = await desk.txContext()
  t.alike(made.json, {
    result: {
      type: 12,
      address: encodeAddress(b4a.from(A, 'hex')),
      txo: {
        ...{ tx: body.tx, txv, iw, in: body.nonce, ch: commandHash(SUBMIT), is: body.signature, bs, mbs }
      }
    },
    ...{ appended: true, n: 0, contractError: null }
  })
  t.is((await get(`/v1/state?key=tx/${body.tx}`)).json.value, 0, 'its place')
  t.is((await get(`/v1/state?key=submitted_by/${A}`)).json.value, 'mine')

  const again = await open.post('/v1/contract/tx', body)
  t.alike(
    [again.status, again.json.n, again.json.appended],
    [200, 0, true],
    'who got no answer may ask again'
  )
  t.is((await get('/v1/state?key=txl')).json.value, 1)
  const other = await signed(rpc, { type: 'storeSomething', value: null })
  const hex = { ...other, address: encodeAddress(b4a.from(A, 'hex')) }
  t.is((await open.post('/v1/contract/tx', hex)).status, 200, 'an address in its other form')
  t.is((await get('/v1/state?key=something')).json.value, 'there is something')
})

test('what is wrong with a transaction', async (t) => {
  const rpc = await openSubnet(t)
  const { serve } = rpc
  const { post, port } = await serve({ apiTxExposed: true, rpcMaxBodyBytes: 20_000 })
  const good = await signed(rpc, SUBMIT)
  const large = { type: 'submitSomething', value: 'x'.repeat(8000) }
  const rows: [change: object, error: string, status?: number][] = [
    [{ prepared_command: 5 }, 'prepared_command must be an object.'],
    [{ prepared_command: { value: 1 } }, 'prepared_command.type must exist and be a string.'],
    [{ prepared_command: { type: 'a' } }, 'prepared_command.value is missing.'],
    [{ prepared_command: large }, 'prepared_command too large.', 413],
    [{ address: A.slice(2) }, 'Address length invalid.'],
    [{ signature: A }, 'Signature length invalid.'],
    [{ nonce: '' }, 'Nonce length invalid.'],
    [{ address: A.toUpperCase() }, 'Invalid address.'],
    [{ signature: 'z'.repeat(128) }, 'Invalid signature.'],
    [{ nonce: 'z'.repeat(64) }, 'Invalid nonce.'],
    [{ signature: '0'.repeat(128) }, 'Invalid signature.'],
    [{ nonce: A }, 'Invalid TX.'],
    [{ tx: 'x' }, 'Invalid TX.'],
    [{ sim: 1 }, 'Invalid sim. Expected true or false.']
  ]
  for (const [i, [change, error, status = 400]] of rows.entries()) {
    const answer = await post('/v1/contract/tx', { ...good, ...change })
    t.alike([answer.status, answer.json.error], [status, error], JSON.stringify(change).slice(0, 60))
    t.ok(answer.json.code && answer.json.next)
    if (i > 9) continue
    const later = rows.find(([other], j) => j > i && Object.keys(other)[0] !== Object.keys(change)[0])
    const both = await post('/v1/contract/tx', { ...good, ...later?.[0], ...change })
    t.is(both.json.error, error, 'and it is told before what comes later')
  }
  const refused = await signed(rpc, { type: 'submitSomething', value: { op: 'do_something', some_key: '' } })
  const [status, error, code] = refusal(await post('/v1/contract/tx', { ...refused, sim: true }))
  t.alike([status, error, code], [400, 'Invalid schema.', 'contract_error'])
  t.is(await rpc.desk.get('txl', false), null, 'none of it was made')

  const headers = { Authorization: `Bearer ${RPC_TOKEN}` }
  const bodies: [body: string | Uint8Array, status: number, error: string][] = [
    ['', 400, 'Missing JSON body.'],
    ['{', 400, 'Invalid JSON payload.'],
    ['[]', 400, 'Invalid JSON payload.'],
    [b4a.from([0x7b, 0xc3, 0x7d]), 400, 'Invalid JSON payload.'],
    [`{"a":${'['.repeat(9000)}${']'.repeat(9000)}}`, 400, 'Invalid JSON payload. It nests too deep.'],
    ['x'.repeat(20_001), 413, 'Request body too large.'],
    ['x'.repeat(900_000), 413, 'Request body too large.']
  ]
  for (const [body, status, error] of bodies) {
    const answer = await post('/v1/contract/tx', body)
    t.alike([answer.status, answer.json.error], [status, error])
  }
  const zipped = await post('/v1/contract/tx', good, { ...headers, 'Content-Encoding': 'gzip' })
  t.alike([zipped.status, zipped.json.code], [400, 'bad_request'])

  // Cut in the middle of each of its characters.
  const text = b4a.from(
    JSON.stringify({ ...good, prepared_command: { type: 'ü😀', value: 'ä€' }, sim: true })
  )
  const head = [`Authorization: Bearer ${RPC_TOKEN}`, `Content-Length: ${text.byteLength}`]
  const client = new Client(port).write(
    requestText(port, { method: 'POST', target: '/v1/contract/tx', headers: head })
  )
  for (const byte of text) await client.wrote(b4a.from([byte]))
  await client.closed
  t.ok(client.text.includes('"error":"Invalid TX."'), 'it was read, and was signed for something else')
})
