import { type Field, fieldsOf, type ToJsonSchema } from '../schema/json-schema.ts'
import { RPC_CODES } from './codes.ts'
import { ENDPOINT_NAMES, ENDPOINTS, type EndpointName, type EndpointRow } from './endpoints.ts'

/** What a node knows of the app that runs on it. */
export interface TxTypes {
  readonly txTypes: readonly string[]
  /** JSON Schema of what each takes, where the app says. */
  readonly ops: Readonly<Record<string, { readonly value?: object }>>
}

export interface OpenApiOptions {
  readonly app?: TxTypes
  /** Nobody is asked for a token. */
  readonly isPublic?: boolean
  /** Of the node itself. */
  readonly url?: string
}

const USUAL_URL = 'http://127.0.0.1:5001'

/** Of the interface: more fields do not change it, other fields would. */
const VERSION = '1.0.0'
const COMMAND = 'prepared_command'
const COMMAND_REF = { $ref: '#/components/schemas/PreparedCommand' }
const ERROR_REF = { $ref: '#/components/responses/Error' }

/** The interface as OpenAPI 3.1 describes it; of a node, with the transactions of its app. */
export function openApi(
  toJson: ToJsonSchema,
  { app, isPublic = false, url = USUAL_URL }: OpenApiOptions = {}
): object {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Intercom HTTP RPC',
      version: VERSION,
      description:
        'Reads the state of a subnet and takes transactions that were signed elsewhere. ' +
        'Answers are JSON, and each connection carries one request.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' }
    },
    servers: [{ url, description: 'A node with --rpc 1.' }],
    security: isPublic ? [] : [{ token: [] }],
    paths: Object.fromEntries(
      ENDPOINT_NAMES.map((name) => {
        const { path, method }: EndpointRow = ENDPOINTS[name]
        return [path, { [method.toLowerCase()]: operation(name, toJson) }]
      })
    ),
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'The token of the node: stores/<peer>/rpc.token.'
        }
      },
      schemas: { Error: errorSchema(), PreparedCommand: commandSchema(toJson, app) },
      responses: {
        Error: {
          description: 'A request that was refused.',
          content: json({ $ref: '#/components/schemas/Error' }, errorExample())
        }
      }
    }
  }
}

function operation(name: EndpointName, toJson: ToJsonSchema): object {
  const { help, method, input, reply, example, replyExample, isOpen }: EndpointRow = ENDPOINTS[name]
  const fields = fieldsOf(input, toJson)
  return {
    operationId: name,
    summary: help,
    ...(isOpen && { security: [] }),
    ...(method === 'GET' &&
      fields.length > 0 && { parameters: fields.map((field) => parameter(field, example)) }),
    ...(method === 'POST' && { requestBody: { required: true, content: json(objectOf(fields), example) } }),
    responses: {
      200: { description: 'Done.', content: json(objectOf(fieldsOf(reply, toJson)), replyExample) },
      default: ERROR_REF
    }
  }
}

function parameter(field: Field, example: EndpointRow['example']): object {
  const { name, required, description, schema } = field
  return {
    name,
    in: 'query',
    required,
    description,
    schema: withoutDescription(schema),
    example: example[name]
  }
}

function objectOf(fields: readonly Field[]): object {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, propertyOf(field)])),
    required: fields.filter(({ required }) => required).map(({ name }) => name)
  }
}

function propertyOf({ name, schema, description }: Field): object {
  if (name === COMMAND) return COMMAND_REF
  return { ...schema, ...(description !== '' && { description }) }
}

/** Any transaction, or one of those that the app has. */
function commandSchema(toJson: ToJsonSchema, app: TxTypes | undefined): object {
  const { schema } = fieldsOf(ENDPOINTS.tx.input, toJson).find(({ name }) => name === COMMAND) as Field
  if (app === undefined || app.txTypes.length === 0) return schema
  return {
    ...(schema.description !== undefined && { description: schema.description }),
    oneOf: app.txTypes.map((type) => ({
      type: 'object',
      properties: { type: { const: type }, value: app.ops[type]?.value ?? {} },
      required: ['type', 'value']
    }))
  }
}

function errorSchema(): object {
  return {
    type: 'object',
    properties: {
      error: { type: 'string', description: 'For people.' },
      code: { type: 'string', enum: Object.keys(RPC_CODES), description: 'For programs.' },
      next: { type: 'string', description: 'What can be done about it.' }
    },
    required: ['error', 'code', 'next']
  }
}

function errorExample(): object {
  return { error: 'Missing key.', code: 'bad_request', next: RPC_CODES.bad_request.next }
}

function json(schema: object, example: object): object {
  return { 'application/json': { schema, example } }
}

function withoutDescription({ description, ...schema }: Field['schema']): object {
  return schema
}
