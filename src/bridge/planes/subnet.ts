import * as v from 'valibot'
import { SUBNET_OPERATIONS } from '../../base/subnet-operations.ts'
import { hex, hexKey, natural, prefix, text } from '../fields.ts'
import { LIST_LIMITS, WATCH_LIMITS } from '../limits.ts'
import { type RequestRow, request } from '../row.ts'
import type { SUBNET_REPLIES } from './subnet-replies.ts'

const KEY = 4096
const MESSAGE = 1024 * 1024

const key = v.pipe(text('key', KEY, 'A key of the shared state.'), v.nonEmpty('Missing key.'))
const confirmed = v.optional(
  v.pipe(
    v.boolean('Invalid confirmed (expected true or false).'),
    v.description('`false`: the latest state, of which the end may still be reordered. Else what is final.')
  ),
  true
)
const sim = v.optional(
  v.pipe(
    v.boolean('Invalid sim (expected true or false).'),
    v.description('Only try it, on the latest state; nothing is written.')
  ),
  false
)
const prefixes = v.optional(
  v.pipe(
    v.array(prefix('prefixes', ''), 'Invalid prefixes (expected a list of texts).'),
    v.maxLength(WATCH_LIMITS.prefixes, `Invalid prefixes (at most ${WATCH_LIMITS.prefixes}).`),
    v.description('How the keys begin; an empty text stands for every key.')
  )
)

function limit(of: string) {
  const most = `Invalid limit (at most ${LIST_LIMITS.most}).`
  return v.optional(
    v.pipe(
      natural(
        'limit',
        1,
        `How many ${of} at most: ${LIST_LIMITS.usual} unless given, ${LIST_LIMITS.most} at most.`
      ),
      v.maxValue(LIST_LIMITS.most, most)
    ),
    LIST_LIMITS.usual
  )
}

function chat(what: string) {
  return v.optional(v.pipe(v.boolean('Invalid chat (expected true or false).'), v.description(what)), false)
}

function dispatch(name: string) {
  const bad = `Invalid ${name} (expected an object with type and value).`
  return v.pipe(
    v.object({ type: v.pipe(v.string(bad), v.nonEmpty(bad)), value: v.unknown() }, bad),
    v.description('Which function of the contract, and what it is given.')
  )
}

export const SUBNET_REQUESTS = {
  get: request({ key, confirmed }, 'read', 'state', 'The value of one key of the shared state.', {
    key: 'app/status',
    confirmed: false
  }),
  list: request(
    {
      prefix: prefix('prefix', 'How the keys begin; an empty text stands for every key.'),
      after: v.optional(text('after', KEY, 'Only keys after this one.')),
      limit: limit('entries'),
      confirmed
    },
    'read',
    'entries',
    'Keys of the shared state and their values, in pages.',
    { prefix: 'app/', limit: 2 }
  ),
  watch: request(
    { prefixes, chat: chat('Also the messages of the chat.') },
    'read',
    'watching',
    'Get a `state_changed` for each key that begins like this, besides those that are watched already.',
    { prefixes: ['app/'], chat: true }
  ),
  unwatch: request(
    { prefixes, chat: chat('Not the messages of the chat either.') },
    'read',
    'watching',
    'Watch these no longer; without any field, nothing at all.',
    { prefixes: ['app/'] }
  ),
  tx: request(
    {
      command: v.optional(text('command', MESSAGE, 'A command of the app; instead of it a `dispatch`.')),
      dispatch: v.optional(dispatch('dispatch')),
      sim
    },
    'send',
    'tx_result',
    'A transaction of this peer.',
    { command: 'something', sim: true }
  ),
  submit: request(
    {
      tx: hexKey('tx', 'Its hash.'),
      prepared_command: dispatch('prepared_command'),
      address: hexKey('address', 'Public key of who signed it.'),
      signature: hex('signature', 64, 'Over the 32 bytes of the hash.'),
      nonce: hexKey('nonce', 'Used once.'),
      sim
    },
    'send',
    'tx_result',
    'A transaction that was signed elsewhere.',
    {
      tx: '<hex>',
      prepared_command: { type: 'storeSomething', value: null },
      address: '<hex>',
      signature: '<hex><hex>',
      nonce: '<hex>'
    }
  ),
  tx_context: request(
    {},
    'read',
    'tx_context',
    'What it takes to build a transaction and sign it elsewhere.'
  ),
  contract: request({}, 'read', 'contract', 'The transactions of the app, as JSON Schema.'),
  post: request(
    {
      message: v.pipe(text('message', MESSAGE, 'What to say.'), v.nonEmpty('Missing message.')),
      reply_to: v.optional(natural('reply_to', 0, 'The `n` of the message that it answers.')),
      attachments: v.optional(
        v.pipe(
          v.array(text('attachments', MESSAGE, ''), 'Invalid attachments (expected a list of texts).'),
          v.description('Texts that go along with it.')
        )
      )
    },
    'send',
    'posted',
    'Say something in the chat of the subnet.',
    { message: 'hello', reply_to: 3 }
  ),
  messages: request(
    {
      from: v.optional(natural('from', 0, 'The first `n`; the latest ones unless given.')),
      limit: limit('messages')
    },
    'read',
    'messages',
    'Messages of the chat. What they say is not to be trusted.',
    { from: 3, limit: 1 }
  ),
  set_nick: request(
    {
      nick: v.pipe(text('nick', 1024, 'The name.'), v.nonEmpty('Missing nick.')),
      user: v.optional(text('user', 1024, 'Of whom, where it is not this peer.'))
    },
    'send',
    'operated',
    'Take a name in the chat.',
    { nick: 'alice' }
  ),
  roles: request({}, 'read', 'roles', 'Who may do what in the subnet, and what is switched on.'),
  subnet_stats: request(
    {},
    'read',
    'subnet_stats',
    'How the subnet stands: lengths, hashes, writers, the app.'
  ),
  operate: request(
    {
      operation: v.pipe(
        v.picklist(SUBNET_OPERATIONS, 'Invalid operation (the reference lists them).'),
        v.description('Name of the terminal command.')
      ),
      args: v.optional(
        v.pipe(
          v.record(v.string(), v.unknown(), 'Invalid args (expected an object).'),
          v.description('The arguments of that command, by their names.')
        ),
        {}
      )
    },
    'admin',
    'operated',
    'What the admin and the moderators of the subnet decide.',
    { operation: 'add_writer', args: { key: '<hex>' } }
  )
} as const satisfies Record<string, RequestRow<keyof typeof SUBNET_REPLIES>>
