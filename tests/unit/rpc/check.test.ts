import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import { checkInput, parseBody } from '../../../src/rpc/check.ts'
import { ENDPOINT_NAMES, type EndpointName } from '../../../src/rpc/endpoints.ts'

const HEX32 = 'ab'.repeat(32)
const GOOD = {
  tx: HEX32,
  prepared_command: { type: 'ping', value: null },
  address: HEX32,
  signature: 'cd'.repeat(64),
  nonce: HEX32
}

function errorOf(name: EndpointName, given: object): string | null {
  const checked = checkInput(name, given)
  return checked.ok ? null : checked.error
}

function bodyError(text: string | Uint8Array): string | null {
  const parsed = parseBody(b4a.from(text as string))
  return parsed.ok ? null : parsed.error
}

test('a transaction: what is wrong with it, in the order of deployed servers', (t) => {
  t.is(errorOf('tx', GOOD), null)
  const rows: [change: object, error: string][] = [
    [{ prepared_command: undefined }, 'prepared_command must be an object.'],
    [{ prepared_command: 'ping' }, 'prepared_command must be an object.'],
    [{ prepared_command: null }, 'prepared_command must be an object.'],
    [{ prepared_command: {} }, 'prepared_command.type must exist and be a string.'],
    [{ prepared_command: [] }, 'prepared_command.type must exist and be a string.'],
    [{ prepared_command: { type: 5, value: 1 } }, 'prepared_command.type must exist and be a string.'],
    [{ prepared_command: { type: '', value: 1 } }, 'prepared_command.type must exist and be a string.'],
    [{ prepared_command: { type: 'ping' } }, 'prepared_command.value is missing.'],
    [{ address: undefined }, 'Address length invalid.'],
    [{ address: 5 }, 'Address length invalid.'],
    [{ signature: null }, 'Signature length invalid.'],
    [{ nonce: {} }, 'Nonce length invalid.'],
    [{ tx: undefined }, 'Invalid TX.'],
    [{ sim: 'yes' }, 'Invalid sim. Expected true or false.']
  ]
  for (const [i, [change, error]] of rows.entries()) {
    t.is(errorOf('tx', { ...GOOD, ...change }), error, JSON.stringify(change))
    for (const [later] of rows.slice(i + 1)) {
      const both = { ...GOOD, ...later, ...change }
      t.is(errorOf('tx', both), error, `${Object.keys(later)} besides`)
    }
  }
  const command = { value: 1, type: 'a', more: 2 }
  t.alike(checkInput('tx', { ...GOOD, prepared_command: command, more: 3, sim: null }), {
    ok: true,
    value: { ...GOOD, prepared_command: { type: 'a', value: 1 }, sim: false }
  })
})

test('the hash to sign, and a key of the state', (t) => {
  const prepare = { prepared_command: GOOD.prepared_command, address: HEX32, nonce: HEX32 }
  t.is(errorOf('prepare', prepare), null)
  t.is(
    errorOf('prepare', { ...prepare, address: 'trac1' }),
    'Invalid address. Expected 32-byte hex (64 chars).'
  )
  t.is(
    errorOf('prepare', { ...prepare, nonce: undefined }),
    'Invalid nonce. Expected 32-byte hex (64 chars).'
  )
  t.is(errorOf('prepare', {}), 'prepared_command must be an object.')
  t.is(errorOf('state', {}), 'Missing key.')
  t.is(errorOf('state', { key: '' }), 'Missing key.')
  const confirmed = (text?: string) =>
    checkInput('state', { key: 'a', ...(text !== undefined && { confirmed: text }) })
  t.alike(confirmed(), { ok: true, value: { key: 'a', confirmed: true } })
  t.alike(confirmed('true'), { ok: true, value: { key: 'a', confirmed: true } })
  for (const other of ['false', '1', '', 'TRUE'])
    t.alike(confirmed(other), { ok: true, value: { key: 'a', confirmed: false } }, other)
})

test('a body is one JSON object', (t) => {
  t.is(bodyError('{"a":"ü"}'), null)
  t.is(bodyError(''), 'Missing JSON body.')
  t.is(bodyError('null'), 'Missing JSON body.')
  for (const bad of [
    '{',
    'ab',
    '[]',
    '5',
    '"a"',
    '{"a":1}x',
    '\ufeff{}',
    '{"a":1,}',
    b4a.from([0x7b, 0xff, 0x7d])
  ])
    t.is(bodyError(bad), 'Invalid JSON payload.', String(bad))
  const split = b4a.concat([b4a.from('{"a":"'), b4a.from('ü').subarray(0, 1), b4a.from('"}')])
  t.is(bodyError(split), 'Invalid JSON payload.', 'half a character')
  t.is(bodyError(`{"a":${'['.repeat(63)}${']'.repeat(63)}}`), null)
  t.is(bodyError(`{"a":${'['.repeat(64)}${']'.repeat(64)}}`), 'Invalid JSON payload. It nests too deep.')
  t.is(bodyError(`{"a":${'['.repeat(400_000)}`), 'Invalid JSON payload. It nests too deep.')
  t.is(bodyError('{"__proto__":{"sim":true}}'), null)
  t.is(errorOf('tx', JSON.parse('{"__proto__":{"sim":true}}')), 'prepared_command must be an object.')
})

test('whatever comes, it is told', (t) => {
  const value = fc.oneof(fc.jsonValue(), fc.constant(HEX32), fc.constant(GOOD.prepared_command))
  const names = [...Object.keys(GOOD), 'sim', 'key', 'confirmed', '__proto__', 'constructor']
  const objects = fc.dictionary(fc.constantFrom(...names), value)
  fc.assert(
    fc.property(fc.constantFrom(...ENDPOINT_NAMES), objects, (name, given) => {
      const checked = checkInput(name, given)
      return checked.ok || /^[A-Za-z].*\.$/.test(checked.error)
    })
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => b4a.from(text))
      ),
      (bytes) => {
        const parsed = parseBody(bytes)
        return parsed.ok ? typeof parsed.value === 'object' : parsed.error.endsWith('.')
      }
    )
  )
  t.pass()
})
