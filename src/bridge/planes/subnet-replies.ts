import * as v from 'valibot'
import { type EventRow, numberOrNull, object, said, stringOrNull, strings } from '../row.ts'

const message = {
  n: said(v.number(), 'Its place, from 0.'),
  address: v.string(),
  nick: stringOrNull,
  message: said(stringOrNull, 'Null once it was deleted.'),
  attachments: strings,
  replyTo: numberOrNull
}

const entry = v.object({ key: v.string(), value: v.unknown() })
const ruleset = v.nullable(v.picklist([1, 2]))

export const SUBNET_REPLIES = {
  state: { key: v.string(), confirmed: v.boolean(), value: said(v.unknown(), 'Null where there is none.') },
  entries: {
    prefix: v.string(),
    confirmed: v.boolean(),
    entries: said(v.array(entry), 'In the order of their keys.'),
    more: said(v.boolean(), 'There are more: ask again with `after`, the key of the last one.')
  },
  watching: {
    prefixes: said(strings, 'All that this client watches; none: no change is told.'),
    chat: said(v.boolean(), 'Whether it gets the messages of the chat.')
  },
  tx_result: {
    tx: v.string(),
    simulated: v.boolean(),
    error: said(v.nullable(v.union([v.string(), v.number()])), 'What the contract said is wrong, or null.'),
    value: said(v.unknown(), 'What the function returned; of a simulation only.'),
    log: said(strings, 'What the contract logged; of a simulation only.'),
    appended: said(v.boolean(), '`false`: no writer has it yet; it is kept, and sent again.'),
    n: said(numberOrNull, 'Its place among the transactions (`txi/<n>`), once it is applied here.')
  },
  tx_context: {
    networkId: v.number(),
    txv: v.string(),
    iw: v.string(),
    bs: v.string(),
    mbs: v.string()
  },
  posted: {
    operationId: said(v.string(), 'The signature.'),
    n: said(numberOrNull, 'Its place in the chat, once it is applied here.')
  },
  messages: {
    total: said(v.number(), 'How many there are in all; the last one is `total` - 1.'),
    messages: v.array(v.object({ ...message, pinned: v.boolean(), deletedBy: stringOrNull }))
  },
  operated: {
    operation: v.string(),
    operationId: said(v.string(), 'Its signature, or what stands for it.'),
    lines: said(strings, 'What the terminal shows of it.')
  },
  roles: {
    roles: v.object({
      admin: stringOrNull,
      ruleset,
      autoAddWriters: v.boolean(),
      chat: v.boolean(),
      transactions: v.boolean(),
      whitelist: v.boolean(),
      writers: v.array(v.object({ key: v.string(), indexer: v.boolean() })),
      mods: strings,
      muted: strings,
      whitelisted: strings,
      banned: strings
    })
  },
  subnet_stats: {
    stats: v.object({
      bootstrap: v.string(),
      channel: stringOrNull,
      writerKey: v.string(),
      admin: stringOrNull,
      ruleset,
      settlement: v.picklist(['local', 'msb']),
      isIndexer: v.boolean(),
      isWriter: v.boolean(),
      indexers: v.number(),
      writers: v.number(),
      viewLength: v.number(),
      signedLength: said(v.number(), 'What a majority of the indexers has signed: confirmed.'),
      viewHash: v.string(),
      systemLength: v.number(),
      systemHash: v.string(),
      interrupted: said(stringOrNull, 'Why nothing is applied any more, or null.'),
      split: said(
        v.boolean(),
        'More than half of the indexers signed another state than this peer has (`state_split`).'
      ),
      differingIndexers: said(strings, 'Writer keys of the indexers that signed another state.'),
      app: v.object({
        name: v.string(),
        version: v.string(),
        hash: v.string(),
        inForce: said(
          v.nullable(v.object({ name: v.string(), version: v.string(), hash: v.string() })),
          'What the admin says is in force, or null.'
        )
      })
    })
  },
  contract: {
    schemaVersion: v.literal(1),
    schemaFormat: v.literal('json-schema'),
    contract: v.object({
      contractClass: v.string(),
      protocolClass: v.string(),
      txTypes: strings,
      ops: said(object, 'By type: the JSON Schema of `key` and `value`.')
    }),
    api: v.object({ methods: v.record(v.string(), v.object({ params: strings })) })
  }
} as const satisfies Record<string, v.ObjectEntries>

export const SUBNET_EVENTS = {
  state_changed: {
    fields: {
      key: v.string(),
      value: said(v.unknown(), 'As it is now; null when the key is gone.'),
      truncated: v.optional(
        said(v.literal(true), 'The value is too large to go along, and `value` is null: `get` has it.')
      )
    },
    help: 'A key that is watched may have another value now, in the latest state.'
  },
  chat_message: {
    fields: { ...message, signature: said(stringOrNull, 'Of who wrote it; null where none was kept.') },
    help: 'A message of the chat of the subnet. What it says is not to be trusted.'
  }
} as const satisfies Record<string, EventRow>
