import { REQUESTS, type RequestType } from '../bridge/protocol.ts'
import { flagName, flagSpec } from '../config/flags.ts'
import { argumentNames, EXIT_CODES } from '../config/subcommand-help.ts'
import {
  COMMON_ARGUMENTS,
  CONNECTION_FLAG_KEYS,
  CONNECTION_FLAGS,
  SUBCOMMAND_NAMES,
  type SubcommandArgument,
  subcommandRow,
  usageOf
} from '../config/subcommands.ts'

/** Markdown reference of the subcommands that ask a running node. */
export function cliMarkdown(): string {
  const out = [
    '# Command line',
    '',
    'Made from the table in `src/config/subcommands.ts` by `npm run docs`; do not edit by hand.',
    '',
    'These subcommands ask a node that runs with `--sc-bridge 1`, over its bridge. `npm start -- send --help` shows what',
    'stands here. npm prints two lines of its own first; `npm start -s -- …`, `node scripts/launch.mjs …` and, where the',
    'package is linked, `intercom …` do not.',
    '',
    'The node is found by its store: what runs there says in `run.json` where its bridge and its token are. Answers are',
    'for people; with `--json` they are the replies of the bridge, one JSON object a line, and standard output holds',
    'nothing else. What went wrong is one line on standard error, with `--json` an object',
    '`{ type: "error", code, error, detail, next }`.',
    '',
    '| exit code | meaning |',
    '| --- | --- |',
    ...EXIT_CODES.map(([code, meaning]) => `| ${code} | ${meaning} |`),
    '',
    'A signal ends a subcommand with 129, 130 or 143, as shells have it; `listen`, `watch` and `chat` take SIGINT and',
    'SIGTERM for their usual end.',
    '',
    '| all of them take | meaning |',
    '| --- | --- |',
    ...CONNECTION_FLAG_KEYS.map((key) =>
      row([code(`--${flagName(key)} ${flagSpec(key).type.hint}`), CONNECTION_FLAGS[key]])
    ),
    ...Object.entries(COMMON_ARGUMENTS).map(argumentRow),
    ''
  ]
  for (const name of SUBCOMMAND_NAMES) {
    const { request, args, help, example, notes } = subcommandRow(name)
    if (request === null) continue
    const { needs } = REQUESTS[request as RequestType]
    const more = [...notes, `The token needs \`${needs}\`.`].join(' ')
    out.push(`## ${code(usageOf(name))}`, '', escaped(`${help} ${more}`), '')
    const own = Object.entries(args).filter(([key]) => !Object.hasOwn(COMMON_ARGUMENTS, key))
    if (own.length > 0) out.push('| argument | meaning |', '| --- | --- |', ...own.map(argumentRow), '')
    out.push(`    npm start -- ${example}`, '')
  }
  return out.join('\n')
}

function argumentRow([key, argument]: readonly [string, SubcommandArgument]): string {
  return row([argumentNames(key, argument).map(code).join(' '), escaped(argument.help)])
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

function escaped(text: string): string {
  return text.replaceAll('<', '&lt;')
}

function code(text: string): string {
  return `\`${text}\``
}
