import { SUBNET_EVENT_EXAMPLES, SUBNET_REPLY_EXAMPLES } from './planes/subnet-examples.ts'
import { type EventType, REQUESTS, type ReplyType, type RequestType } from './protocol.ts'
import type { EventFields, ReplyFields } from './types.ts'

/** For the reference. Keys, signatures and base64 are cut short. */
const PEER = '2f7c…'
const OTHER = '5e6b…'
const EPOCH = '9c41…'

export const REPLY_EXAMPLES: { readonly [R in ReplyType]: ReplyFields<R> } = {
  ...SUBNET_REPLY_EXAMPLES,
  auth_ok: {},
  sent: {
    channel: '0000intercom',
    messageId: '2f7c…:1795259022105:d158d35d3074165d',
    neighbours: 3,
    queued: 0,
    joined: false
  },
  joined: { channel: 'lobby', already: false, owner: null, awaitingWelcome: false },
  left: { channel: 'lobby', ok: true },
  open_requested: { channel: 'lobby', via: '0000intercom', neighbours: 3 },
  stats: { channels: ['0000intercom', 'lobby'], connectionCount: 3, sidechannelStarted: true },
  info: {
    info: {
      msbBootstrap: null,
      msbChannel: null,
      msbStore: null,
      msbDhtBootstrap: null,
      peerStore: '/home/me/intercom/stores/peer',
      peerDhtBootstrap: null,
      subnetBootstrap: null,
      subnetChannel: null,
      peerPubkey: PEER,
      peerTracAddress: 'trac1…',
      peerWriterKey: null,
      sidechannelEntry: '0000intercom',
      sidechannelExtras: ['lobby']
    }
  },
  subscribed: {
    channels: ['lobby'],
    epoch: EPOCH,
    positions: { lobby: 57 },
    from: 42,
    lost: 0,
    replay: { lobby: { from: 42, lost: 0 } }
  },
  filter_set: { filter: 'alpha+beta|gamma' },
  pong: { ts: 1795259022105 },
  cli_result: {
    command: '/stats',
    ok: true,
    output: ['--- Stats ---', 'wallet.address: 2f7c…', '…'],
    error: null,
    result: { publicKey: PEER, connections: 3, topics: 2 }
  },
  welcome: {
    channel: 'lobby',
    owner: PEER,
    welcome: {
      payload: { channel: 'lobby', ownerPubKey: PEER, text: 'Be kind.', issuedAt: 1795259022105, version: 1 },
      sig: '7c02…'
    },
    welcome_b64: 'eyJwYXls…',
    joiner: 'npm start -- …',
    join: '/sc_join --channel "lobby" …'
  },
  invite: {
    channel: 'lobby',
    invite: {
      payload: {
        channel: 'lobby',
        inviteePubKey: OTHER,
        inviterPubKey: PEER,
        inviterAddress: 'trac1…',
        issuedAt: 1795259022105,
        expiresAt: 1795262622105,
        nonce: '33628908e66dc1d9',
        version: 1
      },
      sig: '01e4…'
    },
    invite_b64: 'eyJwYXls…',
    notes: [],
    joiner: 'npm start -- …',
    join: '/sc_join --channel "lobby" …'
  },
  pending: { requests: [{ channel: 'lobby', from: OTHER, at: 1795259022105, needsInvite: false }] },
  peers: {
    peers: [
      {
        key: OTHER,
        since: 1795259001377,
        channels: [{ channel: '0000intercom', authorised: true }],
        rttMs: 12,
        bytesIn: 48_211,
        bytesOut: 3977,
        drops: 0
      }
    ]
  },
  health: {
    health: {
      status: 'ok',
      uptimeSeconds: 3600,
      checks: {
        dht: { ok: true, detail: 'the DHT answers' },
        event_loop: { ok: true, detail: 'the event loop is on time' },
        store: { ok: true, detail: 'the store takes what is written' },
        disk: { ok: true, detail: 'there is room on the disk' },
        sidechannels: { ok: true, detail: 'every channel was announced' },
        subnet: { ok: true, detail: 'what is written to the subnet is applied' }
      }
    }
  }
}

/** Where the reply to one request is not like that to another. */
const REPLIES_TO: { readonly [T in RequestType]?: object } = {
  unsubscribe: { channels: [], epoch: EPOCH, positions: { '0000intercom': 12, lobby: 57 } },
  clear_filter: { filter: '' },
  unwatch: { prefixes: [], chat: true },
  submit: { tx: '2003…', simulated: false, error: null, value: null, log: [], appended: true, n: 7 },
  set_nick: { operation: 'set_nick', operationId: '7c02…', lines: ['Changed nick to alice (2f7c…)'] }
}

export function replyExample(type: RequestType): object {
  return REPLIES_TO[type] ?? REPLY_EXAMPLES[REQUESTS[type].reply]
}

export const EVENT_EXAMPLES: { readonly [E in EventType]: EventFields<E> } = {
  ...SUBNET_EVENT_EXAMPLES,
  hello: { peer: PEER, address: 'trac1…', entryChannel: '0000intercom', filter: '', requiresAuth: true },
  sidechannel_message: {
    channel: 'lobby',
    seq: 42,
    id: '5e6b…:1795259022105:7930f18a8530c5a4',
    from: OTHER,
    origin: OTHER,
    sig: '7c02…',
    relayedBy: null,
    ttl: 3,
    ts: 1795259022105,
    message: 'hello',
    verified: true
  },
  open_request: { channel: 'lobby', from: OTHER },
  lagged: { dropped: 16, channels: { lobby: { from: 42, to: 57 } } }
}
