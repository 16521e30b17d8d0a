import test from 'brittle'
import { SampleContract } from '../../../contract/contract.ts'
import { SampleProtocol } from '../../../contract/protocol.ts'
import { jsonSchemaOf } from '../../../features/subnet/app/contract-schema.ts'
import { describeContract } from '../../../features/subnet/app/describe.ts'
import { Contract } from '../../../src/app/contract.ts'
import { Protocol, type ProtocolBase } from '../../../src/app/protocol.ts'

const peer = { generateNonce: () => '', transact: async () => null }
const base = {} as ProtocolBase

test('rules of the validator as JSON Schema', (t) => {
  const hex = '^(?:[0-9a-f]{2})*$'
  const rows: [rule: unknown, schema: object][] = [
    [
      { type: 'string', min: 1, max: 8 },
      { type: 'string', minLength: 1, maxLength: 8 }
    ],
    [
      { type: 'string', length: 4 },
      { type: 'string', minLength: 4, maxLength: 4 }
    ],
    [
      { type: 'string', empty: false, numeric: true },
      { type: 'string', minLength: 1, pattern: '^-?[0-9]+(\\.[0-9]+)?$' }
    ],
    [
      { type: 'string', pattern: /^a+$/ },
      { type: 'string', pattern: '^a+$' }
    ],
    ['string|min:2|nullable', { type: ['string', 'null'], minLength: 2 }],
    [
      { type: 'number', integer: true, min: 0, max: 9 },
      { type: 'integer', minimum: 0, maximum: 9 }
    ],
    [
      { type: 'number', positive: true },
      { type: 'number', exclusiveMinimum: 0 }
    ],
    ['boolean', { type: 'boolean' }],
    [{ type: 'is_hex' }, { type: 'string', pattern: hex }],
    [
      { type: 'is_hex', nullable: true },
      { type: ['string', 'null'], pattern: hex }
    ],
    [{ type: 'bigint' }, { type: 'string', pattern: '^-?(?:0|[1-9][0-9]{0,77})$' }],
    [{ type: 'any' }, {}],
    [{ type: 'any', nullable: true }, {}],
    [{ type: 'of nobody' }, {}],
    [{ type: 'enum', values: ['a', 'b'] }, { enum: ['a', 'b'] }],
    [{ type: 'enum', values: ['a'], nullable: true }, { anyOf: [{ enum: ['a'] }, { type: 'null' }] }],
    ['string[]', { type: 'array', items: { type: 'string' } }],
    [
      { type: 'array', items: 'number', min: 1 },
      { type: 'array', items: { type: 'number' }, minItems: 1 }
    ],
    [['string', 'number'], { anyOf: [{ type: 'string' }, { type: 'number' }] }],
    [
      { $$type: 'object', $$strict: true, a: 'string', b: { type: 'number', optional: true } },
      {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'number' } },
        required: ['a'],
        additionalProperties: false
      }
    ],
    [
      { $$type: 'object|optional', inner: { type: 'object', props: { x: 'boolean|optional' } } },
      {
        type: 'object',
        properties: { inner: { type: 'object', properties: { x: { type: 'boolean' } } } },
        required: ['inner']
      }
    ]
  ]
  for (const [rule, schema] of rows) t.alike(jsonSchemaOf(rule), schema, JSON.stringify(rule))
})

test('an app: what transactions can call, and what programs can', async (t) => {
  const protocol = new SampleProtocol(peer, base)
  await protocol.extendApi()
  const { contract, api, ...version } = describeContract(new SampleContract(protocol), protocol)
  t.alike(version, { schemaVersion: 1, schemaFormat: 'json-schema' })
  t.alike(contract.txTypes, [
    ...['readChatLast', 'readKey', 'readSnapshot', 'readTimer', 'storeSomething', 'submitSomething']
  ])
  t.alike(contract.ops.storeSomething, { value: {} })
  t.alike(contract.ops.readKey, {
    value: {
      type: 'object',
      properties: {
        op: { type: 'string', minLength: 1, maxLength: 128 },
        key: { type: 'string', minLength: 1, maxLength: 256 }
      },
      required: ['op', 'key'],
      additionalProperties: false
    }
  })
  t.alike(contract.ops.feature_entry, { key: { type: 'string', minLength: 1, maxLength: 256 }, value: {} })
  t.alike(Object.keys(api.methods).sort(), [
    ...['generateNonce', 'generateTx', 'getSampleData', 'prepareTxCommand', 'tx']
  ])
})

test('where nothing is registered: the methods of the class', (t) => {
  class Bare extends Contract {
    second() {}
    first() {}
    _hidden() {}
    get property() {
      return 1
    }
  }
  const { contract } = describeContract(new Bare(null), new Protocol(peer, base))
  t.alike(contract.txTypes, ['first', 'second'])
})
