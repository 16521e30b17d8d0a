import { type Field, fieldsOf, type ToJsonSchema } from '../schema/json-schema.ts'
import { BRIDGE_CODES } from './codes.ts'
import { EVENT_EXAMPLES, REPLY_EXAMPLES } from './examples.ts'
import {
  EVENTS,
  type EventType,
  REPLIES,
  REQUESTS,
  type ReplyType,
  type RequestRow,
  type RequestType
} from './protocol.ts'

/** Of the protocol: more fields do not change it, other fields would. */
const VERSION = '1.0.0'
const CHANNEL = '#/channels/bridge'
const ID = { type: 'integer', description: 'Of the request; stands in its reply.' }

/** The protocol as AsyncAPI 3 describes it, from the side of the node. */
export function bridgeAsyncApi(toJson: ToJsonSchema): object {
  const requests = Object.keys(REQUESTS) as RequestType[]
  const replies = Object.keys(REPLIES) as ReplyType[]
  const events = Object.keys(EVENTS) as EventType[]
  const messages = Object.fromEntries([
    ...requests.map((type) => [requestKey(type), requestMessage(type, toJson)]),
    ...replies.map((type) => [replyKey(type), replyMessage(type, toJson)]),
    ...events.map((type) => [eventKey(type), eventMessage(type, toJson)]),
    ['error', errorMessage()]
  ])
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Intercom SC-Bridge',
      version: VERSION,
      description:
        'JSON text frames over a WebSocket. The node says hello, the client sends auth with its token first; ' +
        'each request is answered by one reply or one error with the same id.',
      license: { name: 'Apache-2.0' }
    },
    defaultContentType: 'application/json',
    servers: {
      local: { host: '127.0.0.1:49222', protocol: 'ws', description: 'A node with --sc-bridge 1.' }
    },
    channels: {
      bridge: {
        address: '/',
        messages: Object.fromEntries(
          Object.keys(messages).map((key) => [key, { $ref: `#/components/messages/${key}` }])
        )
      }
    },
    operations: Object.fromEntries([
      ...requests.map((type) => [type, requestOperation(type)]),
      [
        'events',
        {
          action: 'send',
          channel: { $ref: CHANNEL },
          messages: events.map((type) => messageRef(eventKey(type)))
        }
      ]
    ]),
    components: { messages }
  }
}

function requestOperation(type: RequestType): object {
  const { help, needs, reply }: RequestRow = REQUESTS[type]
  return {
    action: 'receive',
    channel: { $ref: CHANNEL },
    summary: help,
    ...(needs !== null && { 'x-capability': needs }),
    messages: [messageRef(requestKey(type))],
    reply: { channel: { $ref: CHANNEL }, messages: [messageRef(replyKey(reply)), messageRef('error')] }
  }
}

function requestMessage(type: RequestType, toJson: ToJsonSchema): object {
  const { fields, help, example }: RequestRow = REQUESTS[type]
  return message(type, help, fieldsOf(fields, toJson), { id: 1, type, ...example })
}

function replyMessage(type: ReplyType, toJson: ToJsonSchema): object {
  return message(type, 'A reply.', fieldsOf(REPLIES[type], toJson), { type, id: 1, ...REPLY_EXAMPLES[type] })
}

function eventMessage(type: EventType, toJson: ToJsonSchema): object {
  const { fields, help } = EVENTS[type]
  return message(type, help, fieldsOf(fields, toJson), { type, ...EVENT_EXAMPLES[type] }, false)
}

function errorMessage(): object {
  const text = { type: 'string' }
  const fields: Field[] = [
    { name: 'error', required: true, description: 'For people.', schema: text },
    {
      name: 'code',
      required: true,
      description: 'For programs.',
      schema: { ...text, enum: Object.keys(BRIDGE_CODES) }
    },
    { name: 'detail', required: false, description: 'More than the sentence says.', schema: text },
    { name: 'next', required: true, description: 'What can be done about it.', schema: text }
  ]
  const { unauthorized } = BRIDGE_CODES
  return message('error', 'A request that was refused.', fields, {
    type: 'error',
    id: 1,
    error: 'Unauthorized.',
    code: 'unauthorized',
    next: unauthorized
  })
}

/** `answers`: it has the `id` of a request. */
function message(
  type: string,
  summary: string,
  fields: readonly Field[],
  example: object,
  answers = true
): object {
  const described = fields.map(({ name, schema, description }) => [
    name,
    { ...schema, ...(description !== '' && { description }) }
  ])
  return {
    name: type,
    summary,
    ...(answers && { correlationId: { location: '$message.payload#/id' } }),
    payload: {
      type: 'object',
      properties: { type: { const: type }, ...(answers && { id: ID }), ...Object.fromEntries(described) },
      required: ['type', ...fields.filter(({ required }) => required).map(({ name }) => name)]
    },
    examples: [{ payload: example }]
  }
}

function messageRef(key: string): object {
  return { $ref: `${CHANNEL}/messages/${key}` }
}

function requestKey(type: RequestType): string {
  return `${type}.request`
}

function replyKey(type: ReplyType): string {
  return `${type}.reply`
}

function eventKey(type: EventType): string {
  return `${type}.event`
}
