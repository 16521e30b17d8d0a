import { bool, int, text } from '../../config/types.ts'
import { type CommandRow, needed, optional } from '../row.ts'
import { anyText, person, personOrNobody, place, script, trueOrElse, writerKey } from '../types.ts'

const MOST_TEXT = 1024 * 1024
const MOST_KEY = 4096
const KEY = '0'.repeat(64)
const first = {
  ...person,
  refusal: `Invalid --address. Expected a 32-byte hex public key (64 hex chars). Example: /add_admin --address ${KEY}`
}
const writer = needed(writerKey, 'The writer key; /stats of that peer shows it.')
const enabled = needed(bool, 'Whether it is on.')
const user = needed(person, 'Public key or address of somebody.')
const message = needed(place, 'Its place in the chat, from 0; /messages shows it.')

/** Who may write, what is switched on, and which app is in force. */
export const SETUP_COMMANDS = {
  add_admin: {
    args: { address: needed(first, 'Public key or address of the admin.') },
    effect: 'write',
    who: 'the peer that made the subnet',
    help: 'Name the first admin of the subnet; nothing else can be done before.',
    example: `/add_admin --address ${KEY}`
  },
  update_admin: {
    args: { address: needed(personOrNobody, 'The next admin; null gives the role up for ever.') },
    effect: 'write',
    who: 'admin',
    help: 'Hand the role of the admin over, or give it up.',
    example: `/update_admin --address ${KEY}`
  },
  add_indexer: {
    args: { key: writer },
    effect: 'write',
    who: 'admin',
    help: 'Add a writer whose signature counts for what is confirmed.',
    example: `/add_indexer --key ${KEY}`
  },
  add_writer: {
    args: { key: writer },
    effect: 'write',
    who: 'admin',
    help: 'Add a writer.',
    example: `/add_writer --key ${KEY}`
  },
  remove_writer: {
    args: { key: writer },
    effect: 'write',
    who: 'admin',
    help: 'Remove a writer or indexer; it is not added again by itself.',
    example: `/remove_writer --key ${KEY}`
  },
  remove_indexer: {
    args: { key: writer },
    effect: 'write',
    who: 'admin',
    help: 'The same as /remove_writer.',
    example: `/remove_indexer --key ${KEY}`
  },
  unban: {
    args: { key: writer },
    effect: 'write',
    who: 'admin',
    help: 'Let a writer that was removed be added by itself again.',
    example: `/unban --key ${KEY}`
  },
  set_auto_add_writers: {
    args: { enabled },
    effect: 'write',
    who: 'admin',
    help: 'Let everybody who joins become a writer.',
    example: '/set_auto_add_writers --enabled 1'
  },
  enable_transactions: {
    args: { enabled: optional(bool, 'Whether they are on (default: 1).') },
    effect: 'write',
    who: 'admin',
    help: 'Switch the transactions of the app on or off.',
    example: '/enable_transactions --enabled 1'
  },
  set_app: {
    args: {},
    effect: 'write',
    who: 'admin',
    help: 'Record the app that runs here as the one in force: peers with another one are warned.',
    example: '/set_app'
  },
  roles: {
    args: {},
    effect: 'read',
    who: 'anyone',
    help: 'Show who may do what in the subnet, and what is switched on.',
    example: '/roles'
  }
} as const satisfies Record<string, CommandRow>

/** The chat of the subnet. */
export const CHAT_COMMANDS = {
  set_chat_status: {
    args: { enabled },
    effect: 'write',
    who: 'admin',
    help: 'Switch the chat on or off.',
    example: '/set_chat_status --enabled 1'
  },
  post: {
    args: {
      message: needed(anyText('<text>', MOST_TEXT), 'What to say.'),
      reply_to: optional(place, 'The place of the message that it answers.')
    },
    effect: 'write',
    who: 'anyone',
    help: 'Say something in the chat.',
    example: '/post --message "hello there"'
  },
  messages: {
    args: {
      from: optional(place, 'The first place to show (default: the last ones).'),
      limit: optional(int(1, 1000), 'How many at most (default: 100).')
    },
    effect: 'read',
    who: 'anyone',
    help: 'Show messages of the chat.',
    example: '/messages --limit 20'
  },
  set_nick: {
    args: {
      nick: needed(text('<name>', { most: 256 }), 'At most 32 bytes.'),
      user: optional(person, 'Whose name, where it is not your own: for the admin and mods.')
    },
    effect: 'write',
    who: 'anyone',
    help: 'Take a name in the chat.',
    example: '/set_nick --nick alice'
  },
  mute_status: {
    args: { user, muted: needed(bool, 'Whether they are muted.') },
    effect: 'write',
    who: 'admin or mod',
    help: 'Mute somebody in the chat, or let them speak again.',
    example: `/mute_status --user ${KEY} --muted 1`
  },
  set_mod: {
    args: { user, mod: needed(bool, 'Whether they are a mod.') },
    effect: 'write',
    who: 'admin',
    help: 'Make somebody a mod of the chat, or no longer.',
    example: `/set_mod --user ${KEY} --mod 1`
  },
  delete_message: {
    args: { id: message },
    effect: 'write',
    who: 'admin, mod or author',
    help: 'Delete a message of the chat.',
    example: '/delete_message --id 3'
  },
  pin_message: {
    args: { id: message, pin: needed(bool, 'Whether it is pinned.') },
    effect: 'write',
    who: 'admin or mod',
    help: 'Pin a message of the chat.',
    example: '/pin_message --id 3 --pin 1'
  },
  unpin_message: {
    args: { pin_id: needed(place, 'The place of the pin, from 0.') },
    effect: 'write',
    who: 'admin or mod',
    help: 'Take a pin away.',
    example: '/unpin_message --pin_id 0'
  },
  enable_whitelist: {
    args: { enabled },
    effect: 'write',
    who: 'admin',
    help: 'Let only those on the whitelist speak in the chat.',
    example: '/enable_whitelist --enabled 1'
  },
  set_whitelist_status: {
    args: { user, status: needed(bool, 'Whether they are on it.') },
    effect: 'write',
    who: 'admin',
    help: 'Put somebody on the whitelist, or take them off.',
    example: `/set_whitelist_status --user ${KEY} --status 1`
  }
} as const satisfies Record<string, CommandRow>

/** The state, the transactions of the app, and what they are settled by. */
export const STATE_COMMANDS = {
  joiner: {
    args: { script },
    effect: 'write',
    who: 'anyone',
    help: 'Show the command line with which another peer joins this subnet.',
    example: '/joiner --script join-subnet.sh'
  },
  get: {
    args: {
      key: {
        ...needed(text('<key>', { most: MOST_KEY }), 'A key of the shared state.'),
        missing: 'Usage: /get --key "<key>" [--confirmed true|false] [--unconfirmed]'
      },
      confirmed: optional(trueOrElse, 'Only what is final (the default); else the latest.'),
      unconfirmed: optional(bool, 'The latest, of which the end may still be reordered.')
    },
    effect: 'read',
    who: 'anyone',
    help: 'Show the value of a key of the shared state.',
    example: '/get --key admin'
  },
  tx: {
    args: {
      command: {
        ...needed(text('<text>', { most: MOST_TEXT }), 'A command of the app.'),
        missing: 'Missing option. Please use the --command flag.'
      },
      sim: optional(bool, 'Only try it: nothing is written.')
    },
    effect: 'write',
    who: 'anyone',
    help: 'Send a transaction of the app.',
    example: '/tx --command something --sim 1'
  },
  api: {
    args: {
      method: needed(text('<name>', { most: 256 }), 'One that the app has added, or a read of protocol.api.'),
      args: optional(anyText('<json array>', MOST_TEXT), 'What it is called with (default: nothing).')
    },
    effect: 'read',
    who: 'anyone',
    help: 'Call a method of the API of the app, and show what it returns.',
    example: `/api --method getMessage --args '[0]'`
  },
  deploy_subnet: {
    args: {},
    effect: 'write',
    who: 'anyone',
    help: 'Register the subnet with its settlement; with a local one there is nothing to register.',
    example: '/deploy_subnet'
  },
  msb: {
    args: {},
    effect: 'read',
    who: 'anyone',
    help: 'Show what settles the transactions of the subnet.',
    example: '/msb'
  }
} as const satisfies Record<string, CommandRow>
