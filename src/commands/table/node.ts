import { bool, text } from '../../config/types.ts'
import { type CommandRow, needed, optional } from '../row.ts'

/** The commands of the node itself. */
export const NODE_COMMANDS = {
  print: {
    args: { text: needed(text('<text>'), 'What to print.') },
    effect: 'read',
    who: 'anyone',
    help: 'Print a text.',
    example: '/print --text "hello"'
  },
  stats: {
    args: {},
    effect: 'read',
    who: 'anyone',
    help: 'Show the state of the node: keys, subnet, uptime, memory, connections, NAT, DHT, store sizes.',
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
  },
  help: {
    args: { command: optional(text('<command>', { most: 64 }), 'Explain this command.', true) },
    effect: 'read',
    who: 'anyone',
    help: 'List the commands, or explain one.',
    example: '/help get_keys'
  }
} as const satisfies Record<string, CommandRow>
