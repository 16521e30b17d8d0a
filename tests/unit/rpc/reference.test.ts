import { toJsonSchema } from '@valibot/to-json-schema'
import test from 'brittle'
import * as v from 'valibot'
import { FLAGS } from '../../../src/config/flags.ts'
import { checkInput } from '../../../src/rpc/check.ts'
import { RPC_CODES } from '../../../src/rpc/codes.ts'
import { ENDPOINT_NAMES, ENDPOINTS, type EndpointRow } from '../../../src/rpc/endpoints.ts'
import { openApi } from '../../../src/rpc/openapi.ts'
import { rpcMarkdown } from '../../../src/rpc/reference.ts'

interface Operation {
  readonly operationId: string
  readonly security?: readonly object[]
  readonly parameters?: readonly {
    readonly name: string
    readonly required: boolean
    readonly example: unknown
  }[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: { readonly 200: { readonly content: Content }; readonly default: object }
}

type Content = Readonly<Record<string, { readonly schema: JsonObject; readonly example: JsonObject }>>
type JsonObject = Readonly<Record<string, unknown>>

interface Document {
  readonly openapi: string
  readonly security: readonly object[]
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: { readonly PreparedCommand: JsonObject } }
}

const HEX = 'ab'.repeat(32)
const rows = ENDPOINT_NAMES.map((name): [typeof name, EndpointRow] => [name, ENDPOINTS[name]])
const document = openApi(toJsonSchema) as Document
const page = rpcMarkdown(toJsonSchema)

/** With hex in full. */
function whole(example: object): object {
  return JSON.parse(
    JSON.stringify(example)
      .replace(/"signature":"[^"]*"/, `"signature":"${HEX}${HEX}"`)
      .replaceAll('5e6b…', HEX)
  )
}

test('the examples are what the schemas say', (t) => {
  for (const [name, { example, replyExample, reply }] of rows) {
    const checked = checkInput(name, whole(example))
    t.ok(checked.ok, checked.ok ? name : `${name}: ${checked.error}`)
    t.ok(v.is(v.strictObject(reply), replyExample), `the answer of ${name}`)
  }
})

test('the OpenAPI document has every endpoint, and its references lead somewhere', (t) => {
  t.is(document.openapi, '3.1.0')
  t.is(document.servers[0]?.url, `http://${FLAGS.rpcHost.default}:${FLAGS.rpcPort.default}`)
  t.alike(document.security, [{ token: [] }])
  t.alike(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((each) => [path, each])
    ),
    rows.map(([, { path, method }]) => [path, method.toLowerCase()])
  )
  for (const [name, { path, method, input, reply, isOpen }] of rows) {
    const operation = document.paths[path]?.[method.toLowerCase()] as Operation
    t.is(operation.operationId, name)
    t.alike(operation.security, isOpen ? [] : undefined)
    const taken = operation.requestBody?.content['application/json']?.schema.properties ?? {}
    const names = operation.parameters?.map((each) => each.name) ?? Object.keys(taken)
    t.alike(names, Object.keys(input), name)
    const answer = operation.responses[200].content['application/json']
    t.alike(Object.keys(answer?.schema.properties as object), Object.keys(reply))
    t.ok(answer?.example)
  }
  t.alike(
    document.paths['/v1/state']?.get?.parameters?.map(({ required }) => required),
    [true, false]
  )
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]*)"/g)].map(([, ref = '']) => ref)
  t.ok(refs.length > 10)
  for (const ref of new Set(refs)) {
    const target = ref
      .split('/')
      .reduce<unknown>((at, key) => (at as JsonObject | undefined)?.[key], document)
    t.ok(target, ref)
  }
})

test('of a node it has the transactions of the app, and says when no token is asked for', (t) => {
  const ops = { submit: { value: { type: 'object', required: ['op'] } } }
  const live = openApi(toJsonSchema, {
    app: { txTypes: ['ping', 'submit'], ops },
    isPublic: true
  }) as Document
  t.alike(live.security, [])
  const commands = live.components.schemas.PreparedCommand
  t.alike(
    (commands.oneOf as JsonObject[]).map(({ properties }) => properties),
    [
      { type: { const: 'ping' }, value: {} },
      { type: { const: 'submit' }, value: ops.submit.value }
    ]
  )
  const bare = openApi(toJsonSchema, { app: { txTypes: [], ops: {} } }) as Document
  t.alike(bare.components.schemas.PreparedCommand, document.components.schemas.PreparedCommand)
})

test('the page has everything that the table has', (t) => {
  for (const [, { method, path, input, reply, help }] of rows) {
    const part = page.split(`\n## ${method} ${path}\n`)[1]?.split('\n## ')[0] ?? ''
    t.ok(part.includes(help) && part.includes(`\n    > ${method} ${path}`), path)
    for (const name of [...Object.keys(input), ...Object.keys(reply)])
      t.ok(part.includes(`\n| \`${name}\` |`), `${path} ${name}`)
  }
  for (const [code, { status }] of Object.entries(RPC_CODES))
    t.ok(page.includes(`| \`${code}\` | ${status} |`))
  t.absent(/undefined|\[object/.test(page))
  t.is(
    page.split('\n').find((line) => line.length > 120 && !/^[|#]|^ {4}/.test(line)),
    undefined,
    'lines of text are short'
  )
})
