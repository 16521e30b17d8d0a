import * as v from 'valibot'
import { said } from '../schema/said.ts'
import {
  address,
  addressOfPrepare,
  confirmed,
  key,
  nonce,
  nonceOfPrepare,
  preparedCommand,
  signature,
  sim,
  tx
} from './fields.ts'

export interface EndpointRow {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Of a GET the parameters in the URL, of a POST the fields of the body. */
  readonly input: v.ObjectEntries
  readonly reply: v.ObjectEntries
  readonly help: string
  readonly example: Readonly<Record<string, unknown>>
  readonly replyExample: Readonly<Record<string, unknown>>
  /** Whether it is answered without a token. */
  readonly isOpen?: true
}

const text = v.string()
const count = v.number()
const textOrNull = v.nullable(v.string())
const object = v.record(v.string(), v.unknown())
const strings = v.array(v.string())

const HEX = '5e6b…'
const PREPARED = { type: 'submitSomething', value: { op: 'do_something', some_key: 'mine' } }
const CONTEXT = { networkId: 1280262988, txv: HEX, iw: HEX, bs: HEX, mbs: HEX }

/** Every endpoint. Checks at run time, types, the OpenAPI document and the reference come from here. */
export const ENDPOINTS = {
  health: {
    ...get('/v1/health', 'Whether the node answers; nothing else about it.'),
    isOpen: true,
    reply: { ok: v.literal(true) },
    replyExample: { ok: true }
  },
  status: {
    ...get('/v1/status', 'Who this node is, and how its subnet stands.'),
    reply: {
      peer: v.object({
        pubKeyHex: text,
        writerKeyHex: text,
        msbAddress: said(text, 'The same key as an address.'),
        baseWritable: v.boolean(),
        isIndexer: v.boolean(),
        isWriter: v.boolean(),
        subnetBootstrapHex: text,
        subnetChannelUtf8: said(textOrNull, 'Null where it was joined by its bootstrap alone.'),
        subnetSignedLength: said(count, 'What a majority of the indexers has signed.'),
        subnetUnsignedLength: count,
        admin: said(textOrNull, 'In the latest state.'),
        chatStatus: said(v.unknown(), 'As it stands there: `on`, `off`, or null.')
      }),
      msb: v.object({
        ready: v.boolean(),
        settlement: said(
          v.nullable(v.picklist(['local', 'msb'])),
          '`local`: the log of the subnet settles its own; null until there is an admin.'
        ),
        bootstrapHex: textOrNull,
        networkId: v.nullable(v.number()),
        signedLength: said(count, 'Of a local settlement that of the subnet.')
      })
    },
    replyExample: {
      peer: {
        pubKeyHex: HEX,
        writerKeyHex: '2f7c…',
        msbAddress: 'trac1…',
        baseWritable: true,
        isIndexer: true,
        isWriter: true,
        subnetBootstrapHex: '2f7c…',
        subnetChannelUtf8: 'my-subnet',
        subnetSignedLength: 12,
        subnetUnsignedLength: 12,
        admin: HEX,
        chatStatus: null
      },
      msb: { ready: true, settlement: 'local', bootstrapHex: HEX, networkId: 1280262988, signedLength: 12 }
    }
  },
  state: {
    ...get('/v1/state', 'The value of one key of the state.'),
    input: { key, confirmed },
    example: { key: 'something', confirmed: 'false' },
    reply: { key: text, confirmed: v.boolean(), value: said(v.unknown(), 'Null where there is none.') },
    replyExample: { key: 'something', confirmed: false, value: 'there is something' }
  },
  schema: {
    ...get('/v1/contract/schema', 'The transactions of the app, as JSON Schema.'),
    reply: {
      schemaVersion: v.literal(1),
      schemaFormat: v.literal('json-schema'),
      contract: v.object({
        contractClass: text,
        protocolClass: text,
        txTypes: strings,
        ops: said(object, 'By type: the JSON Schema of `key` and of `value`.')
      }),
      api: v.object({
        methods: said(
          v.record(v.string(), v.object({ params: strings })),
          'What the app adds for its own programs.'
        )
      })
    },
    replyExample: {
      schemaVersion: 1,
      schemaFormat: 'json-schema',
      contract: {
        contractClass: 'SampleContract',
        protocolClass: 'SampleProtocol',
        txTypes: ['storeSomething'],
        ops: { storeSomething: {} }
      },
      api: { methods: { getSampleData: { params: [] } } }
    }
  },
  nonce: {
    ...get('/v1/contract/nonce', 'A number that nobody has used, for one transaction.'),
    reply: { nonce: text },
    replyExample: { nonce: HEX }
  },
  context: {
    ...get('/v1/contract/tx/context', 'What it takes to build a transaction and to sign it elsewhere.'),
    reply: {
      msb: v.object({
        networkId: count,
        txv: said(text, 'Stands for those who settle; a transaction is good while it is the same.'),
        iw: said(text, 'The writer key of this node.'),
        bs: said(text, 'The bootstrap of the subnet.'),
        mbs: said(text, 'The bootstrap of the settlement.'),
        operationType: v.literal(12)
      })
    },
    replyExample: { msb: { ...CONTEXT, operationType: 12 } }
  },
  prepare: {
    ...post('/v1/contract/tx/prepare', 'The hash to sign, for whoever does not compute it.'),
    input: { prepared_command: preparedCommand, address: addressOfPrepare, nonce: nonceOfPrepare },
    example: { prepared_command: PREPARED, address: HEX, nonce: HEX },
    reply: { tx: said(text, 'To be signed: its 32 bytes.'), command_hash: text },
    replyExample: { tx: HEX, command_hash: HEX }
  },
  tx: {
    ...post('/v1/contract/tx', 'A transaction that was signed elsewhere, tried or made.'),
    // In the order in which deployed servers look at them.
    input: { prepared_command: preparedCommand, address, signature, nonce, tx, sim },
    example: { prepared_command: PREPARED, address: HEX, signature: HEX, nonce: HEX, tx: HEX, sim: false },
    reply: {
      result: said(
        v.unknown(),
        'Of a simulation what the contract returned, else the payload that went out.'
      ),
      log: v.optional(said(strings, 'What the contract logged; of a simulation only.')),
      appended: v.optional(said(v.boolean(), '`false`: no writer has it yet; it is kept, and sent again.')),
      n: v.optional(
        said(v.nullable(v.number()), 'Its place among the transactions (`txi/<n>`), once it is applied here.')
      ),
      contractError: v.optional(
        said(
          v.nullable(v.union([v.string(), v.number()])),
          'What the contract said is wrong, as it stands in the state.'
        )
      )
    },
    replyExample: {
      result: {
        type: 12,
        address: 'trac1…',
        txo: { tx: HEX, txv: HEX, iw: HEX, in: HEX, ch: HEX, is: HEX, bs: HEX, mbs: HEX }
      },
      appended: true,
      n: 0,
      contractError: null
    }
  },
  openapi: {
    ...get('/v1/openapi.json', 'This document, with the transactions of the app that runs here.'),
    reply: { openapi: text },
    replyExample: { openapi: '3.1.0' }
  }
} as const satisfies Record<string, EndpointRow>

export type EndpointName = keyof typeof ENDPOINTS
export const ENDPOINT_NAMES = Object.keys(ENDPOINTS) as EndpointName[]

type Output<F extends v.ObjectEntries> = v.InferOutput<v.ObjectSchema<F, undefined>>

/** What a handler gets. */
export type InputOf<E extends EndpointName> = Output<(typeof ENDPOINTS)[E]['input']>
/** What it answers. */
export type ReplyOf<E extends EndpointName> = Output<(typeof ENDPOINTS)[E]['reply']>

function get<const P extends string>(path: P, help: string) {
  return { method: 'GET', path, help, input: {}, example: {} } as const
}

function post<const P extends string>(path: P, help: string) {
  return { method: 'POST', path, help } as const
}
