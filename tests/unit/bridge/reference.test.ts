import { toJsonSchema } from '@valibot/to-json-schema'
import test from 'brittle'
import * as v from 'valibot'
import { bridgeAsyncApi } from '../../../src/bridge/asyncapi.ts'
import { BRIDGE_CODES } from '../../../src/bridge/codes.ts'
import { EVENT_EXAMPLES, REPLY_EXAMPLES, replyExample } from '../../../src/bridge/examples.ts'
import { parseRequest } from '../../../src/bridge/parse.ts'
import { CAPABILITIES, EVENTS, REPLIES, REQUESTS, type RequestType } from '../../../src/bridge/protocol.ts'
import { bridgeMarkdown } from '../../../src/bridge/reference.ts'
import { FLAGS } from '../../../src/config/flags.ts'
import type { JsonSchema } from '../../../src/schema/json-schema.ts'

interface Message {
  readonly payload: JsonSchema
  readonly examples: readonly { readonly payload: unknown }[]
}

interface Operation {
  readonly action: string
  readonly channel: Ref
  readonly messages: readonly Ref[]
  readonly reply?: { readonly channel: Ref; readonly messages: readonly Ref[] }
}

interface Ref {
  readonly $ref: string
}

const REQUEST_TYPES = Object.keys(REQUESTS) as RequestType[]
const page = bridgeMarkdown(toJsonSchema)
const api = bridgeAsyncApi(toJsonSchema) as {
  readonly asyncapi: string
  readonly info: Readonly<Record<string, unknown>>
  readonly channels: Readonly<Record<string, { readonly messages: Readonly<Record<string, Ref>> }>>
  readonly operations: Readonly<Record<string, Operation>>
  readonly components: { readonly messages: Readonly<Record<string, Message>> }
}

/** What is wrong with the value, as far as the schemas of the reference go. */
function fault(schema: JsonSchema, value: unknown, at: string): string | null {
  const { type, anyOf, properties = {}, additionalProperties, items, required = [] } = schema
  if (anyOf !== undefined)
    return anyOf.some((one) => fault(one, value, at) === null) ? null : `${at}: none fits`
  if ('const' in schema && value !== schema.const) return `${at} is not ${schema.const}`
  if (schema.enum !== undefined && !schema.enum.includes(value)) return `${at} is none of ${schema.enum}`
  if (type !== undefined && typeOf(value) !== type && !(type === 'number' && typeOf(value) === 'integer'))
    return `${at} is no ${type}`
  if (Array.isArray(value)) return first(value.map((each, i) => fault(items ?? {}, each, `${at}[${i}]`)))
  if (typeof value !== 'object' || value === null) return null
  const missing = required.find((name) => !Object.hasOwn(value, name))
  if (missing !== undefined) return `${at}.${missing} is missing`
  return first(
    Object.entries(value).map(([name, each]) =>
      fault(properties[name] ?? additionalProperties ?? {}, each, `${at}.${name}`)
    )
  )
}

function first(faults: readonly (string | null)[]): string | null {
  return faults.find((each) => each !== null) ?? null
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

/** What a reference within the document leads to. */
function follow({ $ref }: Ref): unknown {
  return $ref
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], api)
}

function refsIn(value: unknown): Ref[] {
  if (typeof value !== 'object' || value === null) return []
  if ('$ref' in value) return [value as Ref]
  return Object.values(value).flatMap(refsIn)
}

test('the examples are what the schemas say', (t) => {
  for (const type of REQUEST_TYPES) {
    const text = JSON.stringify({ id: 1, type, ...REQUESTS[type].example }).replaceAll(
      '<hex>',
      'ab'.repeat(32)
    )
    const parsed = parseRequest(text)
    t.ok(parsed.ok, parsed.ok ? text : `${text}: ${parsed.error}`)
    const reply = v.safeParse(v.strictObject(REPLIES[REQUESTS[type].reply]), replyExample(type))
    t.ok(reply.success, `the reply to ${type}`)
  }
  for (const [type, example] of Object.entries(REPLY_EXAMPLES)) {
    t.ok(v.is(v.strictObject(REPLIES[type as keyof typeof REPLIES]), example), type)
  }
  for (const [type, example] of Object.entries(EVENT_EXAMPLES)) {
    t.ok(v.is(v.strictObject(EVENTS[type as keyof typeof EVENTS].fields), example), type)
  }
})

test('the page has everything that the tables have', (t) => {
  for (const type of REQUEST_TYPES) {
    const part = page.split(`\n### ${type}\n`)[1]?.split('\n### ')[0] ?? ''
    t.ok(
      part.includes(`"type":"${type}"`) && part.includes(`"type":"${REQUESTS[type].reply}"`),
      `examples of ${type}`
    )
    const names = [...Object.keys(REQUESTS[type].fields), ...Object.keys(REPLIES[REQUESTS[type].reply])]
    for (const name of names) t.ok(part.includes(`\n| \`${name}\` |`), `${type}.${name}`)
    t.ok(
      part.includes(
        REQUESTS[type].needs === null ? 'Needs no capability.' : `Needs \`${REQUESTS[type].needs}\`.`
      )
    )
  }
  for (const type of Object.keys(EVENTS)) t.ok(page.includes(`\n### ${type} (event)\n`), type)
  for (const [code, next] of Object.entries(BRIDGE_CODES))
    t.ok(page.includes(`\n| \`${code}\` | ${next} |\n`), code)
  for (const [name, allows] of Object.entries(CAPABILITIES))
    t.ok(page.includes(`\n| \`${name}\` | ${allows} |\n`), name)
  t.ok(
    page.includes('| `invite` | object or string |  | Signed invite to this peer'),
    'what goes in, described'
  )
  t.absent(/undefined|\[object/.test(page))
  t.is(
    page.split('\n').find((line) => line.length > 120 && !/^[|#]|^ {4}/.test(line)),
    undefined,
    'lines of text are short'
  )
})

test('the limits on the page are those of the code', (t) => {
  t.ok(page.includes(`| ${FLAGS.sidechannelHistory.default} messages of a channel`))
  t.ok(page.includes(`${FLAGS.sidechannelMaxBytes.default / 1e6} MB) and 512 KiB`))
  t.ok(page.includes('| a filter | 64 words of 256 characters each |'))
  t.ok(page.includes('16384 or 8 MiB; then the oldest'), 'numbers are put in, in their units')
})

test('the AsyncAPI document is one: its parts are there, references lead somewhere', (t) => {
  t.is(api.asyncapi, '3.0.0')
  t.ok(typeof api.info.title === 'string' && typeof api.info.version === 'string')
  const { messages } = api.components
  for (const key of Object.keys(messages)) t.ok(/^[\w.-]+$/.test(key), key)
  for (const ref of refsIn(api)) t.ok(follow(ref) !== undefined, ref.$ref)
  const inChannel = api.channels.bridge?.messages ?? {}
  t.alike(Object.keys(inChannel), Object.keys(messages))

  t.alike(Object.keys(api.operations), [...REQUEST_TYPES, 'events'])
  for (const [name, { action, channel, messages: sent, reply }] of Object.entries(api.operations)) {
    t.is(action, name === 'events' ? 'send' : 'receive')
    t.is(channel.$ref, '#/channels/bridge')
    for (const { $ref } of [...sent, ...(reply?.messages ?? [])]) {
      t.ok($ref.startsWith('#/channels/bridge/messages/'), `${name}: messages are those of its channel`)
    }
    t.is(reply?.messages.length, name === 'events' ? undefined : 2, `${name}: a reply or an error`)
  }
})

test('the examples in the AsyncAPI document are what its schemas say', (t) => {
  for (const [key, { payload, examples }] of Object.entries(api.components.messages)) {
    for (const name of payload.required ?? []) t.ok(payload.properties?.[name], `${key}.${name}`)
    t.is(examples.length, 1)
    for (const example of examples) t.is(fault(payload, example.payload, key), null)
  }
  const { payload } = api.components.messages['send.request'] as Message
  t.is(fault(payload, { type: 'send', message: 1 }, 'send'), 'send.channel is missing', 'faults are found')
  t.is(fault(payload, { type: 'send', channel: 1, message: 1 }, 'send'), 'send.channel is no string')
})
