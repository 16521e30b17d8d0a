import * as v from 'valibot'
import { channel, channels, invite, named, natural, owner, pubkey, text, welcome } from '../fields.ts'
import { type EventRow, object, type RequestRow, request, said, stringOrNull, strings } from '../row.ts'

const via = v.optional(named('via', 'Where the others are asked; the entry channel unless given.'))
const filter = text('filter', 4096, 'Words: "a+b|c" is (a and b) or c.')
const grants = { invite: v.optional(invite), welcome: v.optional(welcome) }
const some = {
  channel: v.optional(channel),
  channels: v.optional(channels)
}

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

const lobby = { channel: 'lobby' }

export const SIDECHANNEL_REPLIES = {
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
  subscribed: {
    channels: said(strings, 'All that this client follows; none: every channel.'),
    epoch: said(v.string(), 'Another one at each start of the node.'),
    positions: said(v.record(v.string(), v.number()), 'The last `seq` of each channel that is followed.'),
    from: v.optional(said(v.number(), 'With `since` as a number: the `seq` that comes next.')),
    lost: v.optional(
      said(v.number(), 'How many after `since` the node does not hold any more, over all channels.')
    ),
    replay: v.optional(
      said(
        v.record(v.string(), v.object({ from: v.number(), lost: v.number() })),
        'The same for each channel that is replayed.'
      )
    )
  },
  filter_set: { filter: v.string() },
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
    notes: said(strings, 'What is missing before it is of use.'),
    joiner: v.string(),
    join: v.string()
  },
  pending: {
    requests: v.array(
      v.object({ channel: v.string(), from: v.string(), at: v.number(), needsInvite: v.boolean() })
    )
  }
} as const satisfies Record<string, v.ObjectEntries>

export const SIDECHANNEL_REQUESTS = {
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
  )
} as const satisfies Record<string, RequestRow<keyof typeof SIDECHANNEL_REPLIES>>

const count = v.number()

export const SIDECHANNEL_EVENTS = {
  sidechannel_message: {
    fields: {
      channel: v.string(),
      seq: said(count, 'Counts the messages of this channel from 1, since the start of the node.'),
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
  }
} as const satisfies Record<string, EventRow>
