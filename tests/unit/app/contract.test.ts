import test from 'brittle'
import { SampleContract } from '../../../contract/contract.ts'
import { SampleProtocol } from '../../../contract/protocol.ts'
import { Contract } from '../../../src/app/contract.ts'
import { Feature } from '../../../src/app/feature.ts'
import { Protocol } from '../../../src/app/protocol.ts'
import { compileSchema } from '../../../src/app/validator.ts'

test('a type is registered once', (t) => {
  const contract = new Contract(null)
  contract.addFunction('a')
  contract.addSchema('b', { value: { type: 'string' } })
  contract.addFeature('c_feature', () => {})
  for (const type of ['a', 'b', 'c_feature']) {
    t.exception(
      () => contract.addFunction(type),
      /^Error: addFunction\(type\): The type has been registered already\.$/
    )
    t.exception(() => contract.addSchema(type, {}), /addSchema\(type, schema\): The type/)
    t.exception(() => contract.addFeature(type, () => {}), /addFeature\(type, func\): The type/)
  }
})

test('metadata shows copies', (t) => {
  const schema = { value: { type: 'string' } }
  const contract = new Contract(null)
  contract.addSchema('b', schema)
  schema.value.type = 'number'
  t.alike(contract.metadata, { schemas: { b: { value: { type: 'string' } } }, functions: [], features: [] })
})

test('outside of a run a contract has no storage', async (t) => {
  const contract = new Contract(null)
  await t.exception(contract.get('x'), /get\(key\): storage undefined/)
  await t.exception(contract.put('x', 1), /put\(key,value\): storage undefined/)
  await t.exception(contract.del('x'), /del\(key\): storage undefined/)
  t.alike(
    [contract.address, contract.tx, contract.op, contract.value, contract.storage],
    [null, null, null, null, null]
  )
  t.absent(contract.isFeature() || contract.isMessage() || contract.check.validateSchema('x', 1))
})

test('rules of the validator that contracts bring', (t) => {
  const accepts = (type: string, value: unknown, mended = false) =>
    compileSchema({ x: { type } }, mended)({ x: value })
  for (const hex of ['', 'ff', '00aa']) t.ok(accepts('is_hex', hex), hex)
  for (const bad of ['f', 'FF', 'xx', 5]) t.absent(accepts('is_hex', bad), String(bad))
  const addresses = [
    'bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq',
    '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa',
    'ab'.repeat(32)
  ]
  for (const address of [...addresses, `0x${'Ab'.repeat(20)}`])
    t.ok(accepts('bitcoin_address', address), address)
  for (const bad of ['', 'hello', 5, `0x${'g'.repeat(40)}`])
    t.absent(accepts('bitcoin_address', bad), String(bad))
  t.absent(accepts('bigint', '12'), 'as deployed')
  for (const number of ['0', '-5', '9'.repeat(78)]) t.ok(accepts('bigint', number, true), number)
  for (const bad of ['', '01', '1.5', 5, '9'.repeat(79)]) t.absent(accepts('bigint', bad, true), String(bad))
})

test('strict objects within', (t) => {
  const schema = { value: { $$strict: true, $$type: 'object', n: { type: 'number' } } }
  const value = { value: { n: 1, more: 1 } }
  t.ok(compileSchema(schema, false)(value), 'inert, as deployed')
  t.absent(compileSchema(schema, true)(value))
  t.ok(compileSchema(schema, true)({ value: { n: 1 } }))
  t.absent(compileSchema(schema, true)({}), 'required')
  const maybe = { value: { $$strict: true, $$type: 'object|optional:true', n: 'number' } }
  t.ok(compileSchema(maybe, true)({}))
})

test('the commands of the sample app', (t) => {
  const protocol = new SampleProtocol(undefined as never, undefined as never)
  const rows: [string, unknown][] = [
    ['something', { type: 'storeSomething', value: null }],
    ['read_snapshot', { type: 'readSnapshot', value: null }],
    ['read_chat_last', { type: 'readChatLast', value: null }],
    ['read_timer', { type: 'readTimer', value: null }],
    [
      '{"op":"do_something","some_key":"x"}',
      { type: 'submitSomething', value: { op: 'do_something', some_key: 'x' } }
    ],
    ['{"op":"read_key","key":"x"}', { type: 'readKey', value: { op: 'read_key', key: 'x' } }],
    ['{"op":"read_timer"}', { type: 'readTimer', value: null }],
    ['{"op":"__proto__"}', null],
    ['toString', null],
    ['null', null],
    ['not json', null],
    ['', null]
  ]
  for (const [command, mapped] of rows) t.alike(protocol.mapTxCommand(command), mapped, command)
})

test('a protocol sends what it can map', async (t) => {
  const sent: unknown[] = []
  const peer = {
    generateNonce: () => 'ff',
    transact: async (...args: unknown[]) => void sent.push(args)
  }
  const protocol = new SampleProtocol(peer, undefined as never)
  await t.exception(protocol.tx({ command: 'nope' }), /HyperMallProtocol::tx\(\): command not found\./)
  await protocol.tx({ command: 'something' }, true)
  t.alike(sent, [[{ type: 'storeSomething', value: null }, true]])
  t.is(protocol.generateNonce(), 'ff')
  protocol.tokenizeInput('/a b')
  t.alike(protocol.tokenized_input, ['/a', 'b'])
  t.alike([protocol.txMaxBytes(), protocol.featMaxBytes(), protocol.msgMaxBytes()], [4096, 4096, 8192])
})

test('a feature has the name it was added by, and a name is taken once', async (t) => {
  const protocol = new Protocol(undefined as never, undefined as never)
  const feature = new Feature(undefined as never)
  protocol.addFeature('timer', feature)
  t.is(feature.key, 'timer')
  t.exception(() => protocol.addFeature('timer', feature), /taken/)
  await t.exception(feature.start(), /Not implemented: start/)
})

test('the sample contract registers what its protocol maps to', (t) => {
  const { functions, schemas, features } = new SampleContract(null).metadata
  t.alike(functions, ['storeSomething', 'readSnapshot', 'readChatLast', 'readTimer'])
  t.alike(Object.keys(schemas), ['submitSomething', 'readKey', 'feature_entry'])
  t.alike(features, ['timer_feature'])
})
