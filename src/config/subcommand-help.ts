import { flagName, flagSpec } from './flags.ts'
import { wrap } from './help.ts'
import {
  CONNECTION_FLAG_KEYS,
  CONNECTION_FLAGS,
  type ConnectionFlag,
  isBridgeSubcommand,
  type Subcommand,
  type SubcommandArgument,
  subcommandRow,
  usageOf
} from './subcommands.ts'
import { bool } from './types.ts'

/** What the exit codes of a subcommand mean; the last ones are of those that ask a running node. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done'],
  [1, 'refused, or it failed'],
  [2, 'a mistake on the command line'],
  [3, 'no connection to the node'],
  [4, 'no or the wrong token, or one that may not do this']
]

/** Of those that answer by their exit code. */
const OWN_EXIT_CODES: { readonly [S in Subcommand]?: typeof EXIT_CODES } = {
  status: [
    [0, 'healthy'],
    [1, 'it runs, but is starting, degraded or silent, or its run.json cannot be read'],
    [2, 'a mistake on the command line'],
    [3, 'not running']
  ]
}

/** `npm start -- send --help` */
export function subcommandHelp(name: Subcommand): string {
  const { args, help, example, notes } = subcommandRow(name)
  const asks = isBridgeSubcommand(name)
  const lines = [
    ...wrap([help, ...notes].join(' '), 0),
    '',
    `Usage: npm start -- ${usageOf(name)} [flags]`,
    ''
  ]
  for (const [key, argument] of Object.entries(args)) {
    lines.push(`  ${argumentNames(key, argument).join(', ')}`, ...wrap(argument.help, 6))
  }
  if (asks) lines.push('', 'Which node, and how to reach it', ...flagLines(CONNECTION_FLAG_KEYS))
  else if (name === 'status') lines.push('', 'Which node', ...flagLines(STORE_FLAGS))
  else lines.push('', 'The flags are those of a node: npm start -- --help')
  const codes = OWN_EXIT_CODES[name] ?? EXIT_CODES.filter(([code]) => asks || code <= 2)
  lines.push(
    '',
    `Example: npm start -- ${example}`,
    ...wrap(`Exit codes: ${codes.map(([code, meaning]) => `${code} ${meaning}`).join('; ')}.`, 0)
  )
  return lines.join('\n')
}

const STORE_FLAGS = ['peerStoreName', 'peerStoresDirectory'] as const satisfies readonly ConnectionFlag[]

function flagLines(keys: readonly ConnectionFlag[]): string[] {
  return keys.flatMap((key) => [
    `  --${flagName(key)} ${flagSpec(key).type.hint}`,
    ...wrap(CONNECTION_FLAGS[key], 6)
  ])
}

/** `<channel>`, `--channel <channel>`: each way to give it. */
export function argumentNames(key: string, { type, place }: SubcommandArgument): string[] {
  const flag = type === (bool as unknown) ? `--${key}` : `--${key} ${type.hint}`
  return place === 'none' ? [flag] : [type.hint, flag]
}
