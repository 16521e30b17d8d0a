import type { EventFields, ReplyFields } from '../types.ts'
import type { SUBNET_EVENTS, SUBNET_REPLIES } from './subnet-replies.ts'

const PEER = '2f7c…'
const OTHER = '5e6b…'
const HASH = 'e4e3…'
const SIGNATURE = '7c02…'

const message = {
  n: 3,
  address: OTHER,
  nick: 'bob',
  message: 'hello',
  attachments: [],
  replyTo: null
}

const app = { name: 'sample', version: '1.0.0', hash: '9a1f…' }

export const SUBNET_REPLY_EXAMPLES: { readonly [R in keyof typeof SUBNET_REPLIES]: ReplyFields<R> } = {
  state: { key: 'app/status', confirmed: false, value: { open: true } },
  entries: {
    prefix: 'app/',
    confirmed: true,
    entries: [
      { key: 'app/status', value: { open: true } },
      { key: 'app/title', value: 'Lobby' }
    ],
    more: false
  },
  watching: { prefixes: ['app/'], chat: true },
  tx_result: {
    tx: '2003…',
    simulated: true,
    error: null,
    value: null,
    log: [],
    appended: false,
    n: null
  },
  tx_context: { networkId: 919, txv: '0101…', iw: PEER, bs: '0303…', mbs: '0404…' },
  posted: { operationId: SIGNATURE, n: 4 },
  messages: { total: 5, messages: [{ ...message, pinned: false, deletedBy: null }] },
  operated: { operation: 'add_writer', operationId: SIGNATURE, lines: ['Writer added: 1b5d…'] },
  roles: {
    roles: {
      admin: PEER,
      ruleset: 2,
      autoAddWriters: false,
      chat: true,
      transactions: true,
      whitelist: false,
      writers: [{ key: '1b5d…', indexer: true }],
      mods: [],
      muted: [],
      whitelisted: [],
      banned: []
    }
  },
  subnet_stats: {
    stats: {
      bootstrap: '0303…',
      channel: 'lobby',
      writerKey: '1b5d…',
      admin: PEER,
      ruleset: 2,
      settlement: 'local',
      isIndexer: true,
      isWriter: true,
      indexers: 1,
      writers: 1,
      viewLength: 51,
      signedLength: 51,
      viewHash: HASH,
      systemLength: 9,
      systemHash: HASH,
      interrupted: null,
      split: false,
      differingIndexers: [],
      app: { ...app, inForce: app }
    }
  },
  contract: {
    schemaVersion: 1,
    schemaFormat: 'json-schema',
    contract: {
      contractClass: 'SampleContract',
      protocolClass: 'SampleProtocol',
      txTypes: ['storeSomething'],
      ops: { storeSomething: { value: {} } }
    },
    api: { methods: { getSampleData: { params: [] } } }
  }
}

export const SUBNET_EVENT_EXAMPLES: { readonly [E in keyof typeof SUBNET_EVENTS]: EventFields<E> } = {
  state_changed: { key: 'app/status', value: { open: true } },
  chat_message: { ...message, signature: SIGNATURE }
}
