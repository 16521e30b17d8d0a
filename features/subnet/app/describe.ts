import type { Contract } from '../../../src/app/contract.ts'
import type { Protocol } from '../../../src/app/protocol.ts'
import type { ContractDescription } from '../../../src/subnet-plane.ts'
import { jsonSchemaOf } from './contract-schema.ts'

/** What every app has for programs, with the names of its parameters. */
const METHODS: Readonly<Record<string, readonly string[]>> = {
  generateNonce: [],
  prepareTxCommand: ['command'],
  generateTx: ['address', 'command_hash', 'nonce'],
  tx: ['tx', 'prepared_command', 'address', 'signature', 'nonce', 'sim']
}

type Ops = ContractDescription['contract']['ops']

/** What callers need to know of an app to write its transactions (spec/subnet 6). */
export function describeContract(contract: Contract, protocol: Protocol): ContractDescription {
  return {
    schemaVersion: 1,
    schemaFormat: 'json-schema',
    contract: {
      contractClass: contract.constructor.name,
      protocolClass: protocol.constructor.name,
      txTypes: txTypes(contract),
      ops: ops(contract)
    },
    api: { methods: { ...methodsOf(protocol.api), ...standardMethods() } }
  }
}

/** What a transaction can call: a schema may also be there for a feature alone. */
function txTypes(contract: Contract): string[] {
  const { schemas, functions } = contract.metadata
  const registered = [...Object.keys(schemas), ...functions]
  const types =
    registered.length === 0 ? ownMethods(contract) : registered.filter((type) => isMethod(contract, type))
  return types.sort()
}

function ops(contract: Contract): Ops {
  const { schemas } = contract.metadata
  const plain = txTypes(contract).filter((type) => !Object.hasOwn(schemas, type))
  return Object.fromEntries([
    ...Object.entries(schemas).map(([type, schema]) => [type, fieldsOf(schema)] as const),
    ...plain.map((type) => [type, { value: {} }] as const)
  ])
}

function fieldsOf(schema: Readonly<Record<string, unknown>>): Ops[string] {
  return {
    ...(schema.key === undefined ? {} : { key: jsonSchemaOf(schema.key) }),
    ...(schema.value === undefined ? {} : { value: jsonSchemaOf(schema.value) })
  }
}

function isMethod(contract: Contract, name: string): boolean {
  return typeof (contract as unknown as Record<string, unknown>)[name] === 'function'
}

function ownMethods(contract: Contract): string[] {
  const prototype: object = Object.getPrototypeOf(contract)
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(
      ([name, { value }]) => name !== 'constructor' && !name.startsWith('_') && typeof value === 'function'
    )
    .map(([name]) => name)
}

function standardMethods(): ContractDescription['api']['methods'] {
  return Object.fromEntries(Object.entries(METHODS).map(([name, params]) => [name, { params }]))
}

/** JavaScript keeps no names of parameters, only how many there are. */
function methodsOf(api: Readonly<Record<string, unknown>>): ContractDescription['api']['methods'] {
  const methods = Object.entries(api).flatMap(([name, method]) =>
    typeof method === 'function' ? [[name, { params: numbered(method.length) }] as const] : []
  )
  return Object.fromEntries(methods)
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `arg${index}`)
}
