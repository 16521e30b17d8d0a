import { bool, text, type ValueType } from '../config/types.ts'

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
