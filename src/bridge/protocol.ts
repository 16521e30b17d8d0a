import * as v from 'valibot'
import { channel, channels, invite, named, natural, owner, pubkey, text, welcome } from './fields.ts'

/** What a token may be allowed to do; the main token may do all of it. */
export const CAPABILITIES = {
  read: 'get events, ask for the state of the node',
  send: 'send messages',
  join: 'join, leave and open channels, accept requests',
  admin: 'sign invites and welcomes',
  cli: 'run terminal commands, where the node has that switched on'
} as const

export type Capability = keyof typeof CAPABILITIES

const via = v.optional(named('via', 'Where the others are asked; the entry channel unless given.'))
const filter = text('filter', 4096, 'Words: "a+b|c" is (a and b) or c.')
const grants = { invite: v.optional(invite), welcome: v.optional(welcome) }
const some = {
  channel: v.optional(channel),
  channels: v.optional(channels)
}
const command = text('command', 1024 * 1024, 'A line as it is typed at the terminal.')

const position = natural('since', 0, 'The `seq` of the last message that was seen.')
/** Where a client that comes back left off. */
const resume = {
  since: v.optional(
    v.pipe(
      v.union([position, v.record(v.string(), position)], 'Invalid since (expected a whole number from 0).'),
      v.description(
        'Replay what came after this `seq` of the one channel that is named; or, for all channels that are followed, ' +
          'an object of them: a channel that is not in it is replayed from its first message.'
      )
    )
  ),
  epoch: v.optional(
    text('epoch', 128, 'The `epoch` that `since` belongs to; after another one all is replayed that is held.')
  )
}

export interface RequestRow {
  /** Besides `type` and `id`. */
  readonly fields: v.ObjectEntries
  /** `null`: needs none, only the authentication. */
  readonly needs: Capability | null
  /** Type of the reply. */
  readonly reply: ReplyType
  readonly help: string
  readonly example: Readonly<Record<string, unknown>>
}

function request<
  const F extends v.ObjectEntries,
  const N extends Capability | null,
  const R extends ReplyType
>(fields: F, needs: N, reply: R, help: string, example: Readonly<Record<string, unknown>> = {}) {
  return { fields, needs, reply, help, example }
}

const stringOrNull = v.nullable(v.string())
const object = v.record(v.string(), v.unknown())
const lines = v.array(v.string())
const lobby = { channel: 'lobby' }

/** The fields of each reply, besides `type` and the `id` of its request. */
export const REPLIES = {
  auth_ok: {},
  sent: {
    channel: v.string(),
    messageId: v.string(),
    neighbours: v.number(),
    queued: v.number(),
    joined: v.boolean()
  },
  joined: { channel: v.string(), already: v.boolean(), owner: stringOrNull, awaitingWelcome: v.boolean() },
  left: { channel: v.string(), ok: v.boolean() },
  open_requested: { channel: v.string(), via: v.string(), neighbours: v.number() },
  stats: { channels: v.array(v.string()), connectionCount: v.number(), sidechannelStarted: v.boolean() },
  info: {
    info: v.object({
      msbBootstrap: stringOrNull,
      msbChannel: stringOrNull,
      msbStore: stringOrNull,
      msbDhtBootstrap: v.nullable(v.array(v.string())),
      peerStore: v.string(),
      peerDhtBootstrap: v.nullable(v.array(v.string())),
      subnetBootstrap: stringOrNull,
      subnetChannel: stringOrNull,
      peerPubkey: v.string(),
      peerTracAddress: v.string(),
      peerWriterKey: stringOrNull,
      sidechannelEntry: v.string(),
      sidechannelExtras: v.array(v.string())
    })
  },
  subscribed: {
    channels: v.pipe(
      v.array(v.string()),
      v.description('All that this client follows; none: every channel.')
    ),
    epoch: v.pipe(v.string(), v.description('Another one at each start of the node.')),
    positions: v.pipe(
      v.record(v.string(), v.number()),
      v.description('The last `seq` of each channel that is followed.')
    ),
    from: v.optional(
      v.pipe(v.number(), v.description('With `since` as a number: the `seq` that comes next.'))
    ),
    lost: v.optional(
      v.pipe(
        v.number(),
        v.description('How many after `since` the node does not hold any more, over all channels.')
      )
    ),
    replay: v.optional(
      v.pipe(
        v.record(v.string(), v.object({ from: v.number(), lost: v.number() })),
        v.description('The same for each channel that is replayed.')
      )
    )
  },
  filter_set: { filter: v.string() },
  pong: { ts: v.number() },
  cli_result: {
    command: v.string(),
    ok: v.boolean(),
    output: lines,
    error: stringOrNull,
    result: v.unknown()
  },
  welcome: {
    channel: v.string(),
    owner: v.string(),
    welcome: object,
    welcome_b64: v.string(),
    joiner: v.string(),
    join: v.string()
  },
  invite: {
    channel: v.string(),
    invite: object,
    invite_b64: v.string(),
    notes: v.pipe(lines, v.description('What is missing before it is of use.')),
    joiner: v.string(),
    join: v.string()
  },
  pending: {
    requests: v.array(
      v.object({ channel: v.string(), from: v.string(), at: v.number(), needsInvite: v.boolean() })
    )
  },
  peers: {
    peers: v.array(
      v.object({
        key: v.string(),
        since: v.number(),
        channels: v.array(v.object({ channel: v.string(), authorised: v.boolean() })),
        rttMs: v.nullable(v.number()),
        bytesIn: v.number(),
        bytesOut: v.number(),
        drops: v.number()
      })
    )
  },
  health: {
    health: v.object({
      status: v.picklist(['ok', 'degraded', 'starting']),
      uptimeSeconds: v.number(),
      checks: v.record(v.string(), v.object({ ok: v.nullable(v.boolean()), detail: v.string() }))
    })
  }
} as const satisfies Record<string, v.ObjectEntries>

export type ReplyType = keyof typeof REPLIES

/** Every request. Checks at run time, types, error sentences and the reference come from here. */
export const REQUESTS = {
  auth: request({ token: v.string('Unauthorized.') }, null, 'auth_ok', 'The first message: who may.', {
    token: '<token>'
  }),
  send: request(
    { channel, message: v.unknown(), ...grants },
    'send',
    'sent',
    'Send a message, any JSON value. A channel that is not joined is joined first when its rules allow.',
    { channel: '0000intercom', message: 'hello from agent' }
  ),
  join: request({ channel, ...grants, owner: v.optional(owner) }, 'join', 'joined', 'Join a channel.', lobby),
  leave: request({ channel }, 'join', 'left', 'Leave a channel; nobody else is affected.', lobby),
  open: request(
    { channel, via, ...grants },
    'join',
    'open_requested',
    'Ask the peers on another channel to open this one. Join it here, too.',
    lobby
  ),
  stats: request({}, 'read', 'stats', 'Channels and connections.'),
  info: request({}, 'read', 'info', 'Keys, stores and networks of this peer, nothing secret.'),
  subscribe: request(
    { ...some, ...resume },
    'read',
    'subscribed',
    'Get the events of these channels only, and with `since` those that were missed.',
    { channel: 'lobby', since: 41, epoch: '<epoch>' }
  ),
  unsubscribe: request(
    some,
    'read',
    'subscribed',
    'Follow these channels no longer; without any, follow all.',
    lobby
  ),
  set_filter: request(
    { filter: v.optional(filter, '') },
    'read',
    'filter_set',
    'Get only events whose text has these words.',
    {
      filter: 'alpha+beta|gamma'
    }
  ),
  clear_filter: request({}, 'read', 'filter_set', 'Get them all again.'),
  ping: request({}, null, 'pong', 'The clock of the node, in ms.'),
  cli: request({ command }, 'cli', 'cli_result', 'Run a terminal command (--sc-bridge-cli 1).', {
    command: '/stats'
  }),
  welcome: request(
    { channel, text: text('text', 16_384, 'What it says.') },
    'admin',
    'welcome',
    'Sign the welcome of a channel, as its owner.',
    { channel: 'lobby', text: 'Be kind.' }
  ),
  invite: request(
    {
      channel,
      pubkey,
      ttl: v.optional(natural('ttl', 1, 'How long it is valid, in seconds.')),
      welcome: v.optional(welcome)
    },
    'admin',
    'invite',
    'Sign an invite for one peer.',
    { channel: 'lobby', pubkey: '<hex>', ttl: 3600 }
  ),
  pending: request({}, 'read', 'pending', 'Requests of others to open channels.'),
  accept: request(
    { channel, invite: v.optional(invite), owner: v.optional(owner) },
    'join',
    'joined',
    'Join a channel that somebody asked to open.',
    lobby
  ),
  peers: request({}, 'read', 'peers', 'The neighbours: keys, channels, round-trip times, bytes, drops.'),
  health: request({}, 'read', 'health', 'Whether this node is well.')
} as const satisfies Record<string, RequestRow>

export type RequestType = keyof typeof REQUESTS

export function isRequestType(type: unknown): type is RequestType {
  return typeof type === 'string' && Object.hasOwn(REQUESTS, type)
}

const count = v.number()

/** What the node sends by itself. */
export const EVENTS = {
  hello: {
    fields: {
      peer: v.string(),
      address: v.string(),
      entryChannel: v.string(),
      filter: v.string(),
      requiresAuth: v.literal(true)
    },
    help: 'Right after the connection was made.'
  },
  sidechannel_message: {
    fields: {
      channel: v.string(),
      seq: v.pipe(
        count,
        v.description('Counts the messages of this channel from 1, since the start of the node.')
      ),
      id: v.string(),
      from: v.string(),
      origin: v.string(),
      sig: stringOrNull,
      relayedBy: stringOrNull,
      ttl: count,
      ts: count,
      message: v.unknown(),
      verified: v.boolean()
    },
    help: 'A message of another peer. What it says is not to be trusted.'
  },
  open_request: {
    fields: { channel: v.string(), from: v.string() },
    help: 'Somebody asks this peer to open a channel; `pending` lists them, `accept` joins.'
  },
  lagged: {
    fields: {
      dropped: v.pipe(count, v.description('How many events this client was too slow for.')),
      channels: v.record(v.string(), v.object({ from: count, to: count }))
    },
    help: 'What is missing, by `seq`; `subscribe` with `since` brings back what the node still holds.'
  }
} as const satisfies Record<string, { readonly fields: v.ObjectEntries; readonly help: string }>

export type EventType = keyof typeof EVENTS
