import { channelName, token } from '../config/sidechannel-types.ts'
import { bool, hexKey, int, text, type ValueType } from '../config/types.ts'

/** What a command can do to the node; the bridge grants these one by one. */
export type Effect = 'read' | 'write' | 'secret' | 'exit'

export interface Argument<T = unknown> {
  readonly type: ValueType<T>
  readonly required: boolean
  /** May also be given without its name, as the first word. */
  readonly positional: boolean
  readonly help: string
}

export interface CommandRow {
  readonly args: Readonly<Record<string, Argument>>
  readonly effect: Effect
  /** Who may run it, as far as the node decides. */
  readonly who: 'anyone' | 'admin' | 'admin or mod'
  readonly help: string
  readonly example: string
}

function optional<T>(type: ValueType<T>, help: string, positional = false) {
  return { type, help, positional, required: false } as const
}

function needed<T>(type: ValueType<T>, help: string, positional = false) {
  return { type, help, positional, required: true } as const
}

const MOST_TEXT = 1024 * 1024
const channel = needed(channelName, 'The channel.')
const invite = optional(token('invite'), 'A signed invite, from /sc_invite.')
const welcome = optional(token('welcome'), "The owner's signed welcome, from /sc_welcome.")
const owner = optional(hexKey, "The owner's peer public key, where none is configured.")

/** Every command of the terminal. Parsing, /help, completion and the reference page come from here. */
export const COMMANDS = {
  help: {
    args: { command: optional(text('<command>', { most: 64 }), 'Explain this command.', true) },
    effect: 'read',
    who: 'anyone',
    help: 'List the commands, or explain one.',
    example: '/help get_keys'
  },
  stats: {
    args: {},
    effect: 'read',
    who: 'anyone',
    help: 'Show the state of the node: keys, uptime, memory, connections, NAT, DHT, store sizes.',
    example: '/stats'
  },
  get_keys: {
    args: { yes: optional(bool, 'Show the secret key and the mnemonic without asking.') },
    effect: 'secret',
    who: 'anyone',
    help: 'Show the public keys and, once confirmed, the secret key and the mnemonic.',
    example: '/get_keys'
  },
  sc_join: {
    args: { channel, invite, welcome, owner },
    effect: 'write',
    who: 'anyone',
    help: 'Join a sidechannel, or create it.',
    example: '/sc_join --channel lobby'
  },
  sc_leave: {
    args: { channel },
    effect: 'write',
    who: 'anyone',
    help: 'Leave a sidechannel and forget its invite and welcome.',
    example: '/sc_leave --channel lobby'
  },
  sc_send: {
    args: { channel, message: needed(text('<text>', { most: MOST_TEXT }), 'What to send.'), invite, welcome },
    effect: 'write',
    who: 'anyone',
    help: 'Send a message to everybody in a sidechannel.',
    example: '/sc_send --channel 0000intercom --message "hello there"'
  },
  sc_open: {
    args: {
      channel,
      via: optional(channelName, 'Where to ask (default: the entry channel).'),
      invite,
      welcome
    },
    effect: 'write',
    who: 'anyone',
    help: 'Ask others to open a sidechannel.',
    example: '/sc_open --channel lobby'
  },
  sc_invite: {
    args: {
      channel,
      pubkey: needed(hexKey, 'The peer public key of whoever is invited.'),
      ttl: optional(
        int(1, 10 * 365 * 86_400, '<sec>'),
        'How long it is valid (default: --sidechannel-invite-ttl).'
      ),
      welcome
    },
    effect: 'write',
    who: 'anyone',
    help: 'Sign an invite for one peer.',
    example: `/sc_invite --channel lobby --pubkey ${'0'.repeat(64)} --ttl 3600`
  },
  sc_welcome: {
    args: { channel, text: needed(text('<text>'), 'What it says.') },
    effect: 'write',
    who: 'anyone',
    help: 'Sign the welcome of a channel, as its owner.',
    example: '/sc_welcome --channel lobby --text "Be kind."'
  },
  sc_pending: {
    args: {},
    effect: 'read',
    who: 'anyone',
    help: 'List the requests of others to open sidechannels.',
    example: '/sc_pending'
  },
  sc_accept: {
    args: { channel, invite, owner },
    effect: 'write',
    who: 'anyone',
    help: 'Join a sidechannel that somebody asked to open.',
    example: '/sc_accept --channel lobby'
  },
  sc_stats: {
    args: {},
    effect: 'read',
    who: 'anyone',
    help: 'Show the sidechannels: neighbours, counts, drops by reason, the clock.',
    example: '/sc_stats'
  },
  exit: {
    args: {},
    effect: 'exit',
    who: 'anyone',
    help: 'Leave the network in order and end the program.',
    example: '/exit'
  }
} as const satisfies Record<string, CommandRow>

export type CommandName = keyof typeof COMMANDS
export const COMMAND_NAMES = Object.keys(COMMANDS) as CommandName[]

type ArgumentValue<A> = A extends { readonly type: ValueType<infer T>; readonly required: infer R }
  ? true extends R
    ? T
    : T | undefined
  : never

/** The checked arguments a handler gets. */
export type CommandArgs<N extends CommandName> = {
  readonly [K in keyof (typeof COMMANDS)[N]['args']]: ArgumentValue<(typeof COMMANDS)[N]['args'][K]>
}

export function commandRow(name: CommandName): CommandRow {
  return COMMANDS[name] as unknown as CommandRow
}

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name)
}
