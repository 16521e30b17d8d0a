import test from 'brittle'
import { createDress, errorReply, jsonReply, Refused, replyToError } from '../../../features/rpc/replies.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import { textReply } from '../../../src/http/reply.ts'
import { RPC_CODES } from '../../../src/rpc/codes.ts'

function deep(levels: number): object {
  let value: object = {}
  for (let i = 0; i < levels; i++) value = { value }
  return value
}

test('whatever a contract returns, the answer is JSON', (t) => {
  const body = (result: unknown) => jsonReply({ result }).body
  t.is(body(2n ** 80n), '{"result":"1208925819614629174706176"}')
  t.is(body({ a: [1n, Number.NaN, new Date(0)] }), '{"result":{"a":["1",null,"1970-01-01T00:00:00.000Z"]}}')
  t.is(body(undefined), '{}')
  const cyclic: Record<string, unknown> = {}
  cyclic.self = cyclic
  const hostile = {
    toJSON() {
      throw new Error('no')
    }
  }
  for (const bad of [cyclic, hostile, deep(100_000), 'x'.repeat(17 * 1024 * 1024)]) {
    const reply = jsonReply({ result: bad })
    t.is(reply.status, 400)
    t.is(JSON.parse(reply.body).code, 'unserialisable')
  }
})

test('errors of the node are told with their next step, faults of ours are not', (t) => {
  const faults: unknown[] = []
  const told = (cause: unknown) => {
    const { status, body } = replyToError(cause, (fault) => faults.push(fault))
    return { status, ...JSON.parse(body) }
  }
  t.alike(told(new IntercomError('bad_arguments', 'Invalid nonce.', { next: 'Mend it.' })), {
    ...{ status: 400, error: 'Invalid nonce.', code: 'bad_request', next: 'Mend it.' }
  })
  t.is(told(new IntercomError('too_large', 'prepared_command too large.')).status, 413)
  t.is(told(new IntercomError('rate_limited', 'Too many.')).status, 429)
  t.is(told(new IntercomError('closed', 'The node is closing.')).status, 503)
  t.is(told(new Refused('disabled', 'Transactions not exposed in API.')).status, 403)
  t.is(faults.length, 0)
  const { next } = RPC_CODES.internal
  const internal = { status: 500, error: 'An internal error occurred.', code: 'internal', next }
  for (const fault of [
    new TypeError('the inside story'),
    'thrown text',
    new IntercomError('store_broken', 'x')
  ])
    t.alike(told(fault), internal)
  t.is(faults.length, 3)
})

test('what the server says of itself has the same form', (t) => {
  const dress = createDress(null)
  const said = (status: number, sentence: string) => {
    const { status: told, body, contentType, headers } = dress(textReply(status, sentence, { Allow: 'GET' }))
    t.is(contentType, 'application/json')
    const { error, code } = JSON.parse(body)
    return [told, error, code, headers?.Allow]
  }
  t.alike(said(405, '"PUT" is not possible here.'), [404, 'Not Found', 'not_found', undefined])
  t.alike(said(404, 'There is nothing here.'), [404, 'Not Found', 'not_found', undefined])
  t.alike(said(500, 'This is a fault of the program.'), [
    500,
    'An internal error occurred.',
    'internal',
    'GET'
  ])
  t.alike(said(401, 'Unauthorized.'), [401, 'Unauthorized.', 'unauthorized', 'GET'])
  t.alike(said(431, 'Header too large.'), [431, 'Header too large.', 'too_large', 'GET'])
  t.alike(said(408, 'Too long.').slice(0, 3), [408, 'Too long.', 'timed_out'])
  const own = errorReply('denied', 'No.')
  t.is(dress(own).body, own.body, 'what has its form keeps it')
  t.alike(dress(own).headers, {})
  t.is(createDress('https://a.example')(own).headers?.['Access-Control-Allow-Origin'], 'https://a.example')
})
