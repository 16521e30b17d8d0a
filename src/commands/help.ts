import { usage } from './parse.ts'
import { COMMAND_NAMES, type CommandName, commandRow } from './table.ts'

export function commandList(): string[] {
  const width = Math.max(...COMMAND_NAMES.map((name) => usage(name).length))
  return COMMAND_NAMES.map((name) => `${usage(name).padEnd(width)}  ${commandRow(name).help}`)
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

/** What could stand at the cursor: a command, one of its arguments, a command to explain. */
export function completeCommand(line: string, cursor: number): { start: number; candidates: string[] } {
  const before = line.slice(0, cursor)
  const start = before.search(/\S*$/)
  const word = before.slice(start)
  const fits = (candidates: string[]) => ({
    start,
    candidates: candidates.filter((name) => name.startsWith(word))
  })
  if (before.slice(0, start).trim() === '') return fits(COMMAND_NAMES.map((name) => `/${name}`))
  const name = before.trim().split(/\s/)[0]?.slice(1) ?? ''
  if (name === 'help') return fits([...COMMAND_NAMES])
  const row = COMMAND_NAMES.find((command) => command === name)
  return fits(row === undefined ? [] : Object.keys(commandRow(row).args).map((key) => `--${key}`))
}

/** Markdown reference of every command. */
export function commandsMarkdown(): string {
  const out = [
    '# Commands',
    '',
    'Made from the table in `src/commands/table.ts` by `npm run docs`; do not edit by hand.',
    '',
    'Typed at the prompt or sent on standard input, one a line. Arguments are `--key value` or `--key=value`;',
    'values with blanks go in quotes. `/help <command>` shows what stands here.',
    '',
    '| command | meaning | who | effect | example |',
    '| --- | --- | --- | --- | --- |'
  ]
  for (const name of COMMAND_NAMES) {
    const { help, who, effect, example } = commandRow(name)
    const cells = [`\`${usage(name)}\``, help, who, effect, `\`${example}\``]
    out.push(`| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
  }
  out.push('')
  return out.join('\n')
}
