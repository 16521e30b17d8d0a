import { usage } from './parse.ts'
import type { AppCommandRow } from './registry.ts'
import { COMMAND_GROUPS, COMMAND_NAMES, type CommandName, commandRow } from './table.ts'

interface Entry {
  readonly usage: string
  readonly help: string
}

/** The commands by group, one a line; those of the app come last. */
export function commandList(app: readonly AppCommandRow[] = []): string[] {
  const groups: [title: string, entries: readonly Entry[]][] = Object.entries(COMMAND_GROUPS).map(
    ([title, table]) => [title, Object.keys(table).map((name) => entryOf(name as CommandName))]
  )
  if (app.length > 0) groups.push(['App', app.map(({ name, help }) => ({ usage: `/${name}`, help }))])
  const entries = groups.flatMap(([, group]) => group)
  const width = Math.max(...entries.map((entry) => entry.usage.length))
  return groups.flatMap(([title, group]) => [
    title,
    ...group.map((entry) => `  ${entry.usage.padEnd(width)}  ${entry.help}`)
  ])
}

function entryOf(name: CommandName): Entry {
  return { usage: usage(name), help: commandRow(name).help }
}

export function commandHelp(name: CommandName): string[] {
  const { help, args, who, example } = commandRow(name)
  const lines = [usage(name), `  ${help}`]
  for (const [key, { type, help, required }] of Object.entries(args)) {
    lines.push(`  --${key} ${type.hint}${required ? '' : ' (optional)'}: ${help}`)
  }
  if (who !== 'anyone') lines.push(`  Only for: ${who}.`)
  lines.push(`  Example: ${example}`)
  return lines
}

export function appCommandHelp({ name, help, example }: AppCommandRow): string[] {
  return [`/${name}`, `  ${help}`, '  A command of the app.', `  Example: ${example}`]
}

/** What could stand at the cursor: a command, one of its arguments, a command to explain. */
export function completeCommand(
  line: string,
  cursor: number,
  appNames: readonly string[] = []
): { start: number; candidates: string[] } {
  const before = line.slice(0, cursor)
  const start = before.search(/\S*$/)
  const word = before.slice(start)
  const names = [...COMMAND_NAMES, ...appNames]
  const fits = (candidates: string[]) => ({
    start,
    candidates: candidates.filter((name) => name.startsWith(word))
  })
  if (before.slice(0, start).trim() === '') return fits(names.map((name) => `/${name}`))
  const name = before.trim().split(/\s/)[0]?.slice(1) ?? ''
  if (name === 'help') return fits(names)
  const row = COMMAND_NAMES.find((command) => command === name)
  return fits(row === undefined ? [] : Object.keys(commandRow(row).args).map((key) => `--${key}`))
}

/** Markdown reference of every command. */
export function commandsMarkdown(): string {
  const out = [
    '# Commands',
    '',
    'Made from the tables in `src/commands/table/` by `npm run docs`; do not edit by hand.',
    '',
    'Typed at the prompt or sent on standard input, one a line. Arguments are `--key value` or `--key=value`;',
    'values with blanks go in quotes. `/help <command>` shows what stands here. The app of the subnet can have',
    'commands of its own besides; `/help` lists those too.'
  ]
  for (const [title, table] of Object.entries(COMMAND_GROUPS)) {
    out.push('', `## ${title}`, '')
    out.push('| command | meaning | who | effect | example |', '| --- | --- | --- | --- | --- |')
    for (const name of Object.keys(table) as CommandName[]) {
      const { help, who, effect, example } = commandRow(name)
      const cells = [`\`${usage(name)}\``, help, who, effect, `\`${example}\``]
      out.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    }
  }
  out.push('')
  return out.join('\n')
}
