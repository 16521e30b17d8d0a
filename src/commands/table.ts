import type { ValueType } from '../config/types.ts'
import type { CommandRow } from './row.ts'
import { NODE_COMMANDS } from './table/node.ts'
import { SIDECHANNEL_COMMANDS } from './table/sidechannel.ts'
import { CHAT_COMMANDS, SETUP_COMMANDS, STATE_COMMANDS } from './table/subnet.ts'

/** As they stand in the help. */
export const COMMAND_GROUPS = {
  Setup: SETUP_COMMANDS,
  Chat: CHAT_COMMANDS,
  System: { ...STATE_COMMANDS, ...NODE_COMMANDS },
  Sidechannels: SIDECHANNEL_COMMANDS
} as const

/** Every command of the terminal. Parsing, /help, completion and the reference page come from here. */
export const COMMANDS = {
  ...SETUP_COMMANDS,
  ...CHAT_COMMANDS,
  ...STATE_COMMANDS,
  ...NODE_COMMANDS,
  ...SIDECHANNEL_COMMANDS
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

/** Whether it can do nothing where the peer takes part in no subnet. */
export function isSubnetCommand(name: CommandName): boolean {
  return [SETUP_COMMANDS, CHAT_COMMANDS, STATE_COMMANDS].some((table) => Object.hasOwn(table, name))
}
