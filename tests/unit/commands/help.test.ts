import test from 'brittle'
import fc from 'fast-check'
import {
  appCommandHelp,
  commandHelp,
  commandList,
  commandsMarkdown,
  completeCommand
} from '../../../src/commands/help.ts'
import { parseCommand, usage } from '../../../src/commands/parse.ts'
import { COMMAND_GROUPS, COMMAND_NAMES, commandRow } from '../../../src/commands/table.ts'

const APP = [{ name: 'offer', help: 'Offer something.', example: '/offer --what tea' }]

test('the list has one line a command, by group, in columns; those of the app come last', (t) => {
  const listed = commandList()
  t.alike(
    listed.filter((line) => !line.startsWith(' ')),
    Object.keys(COMMAND_GROUPS)
  )
  const lines = listed.filter((line) => line.startsWith(' '))
  t.is(lines.length, COMMAND_NAMES.length)
  const column = lines[0]?.indexOf(commandRow('add_admin').help)
  for (const [index, name] of COMMAND_NAMES.entries()) {
    t.ok(lines[index]?.startsWith(`  ${usage(name)} `), name)
    t.is(lines[index]?.indexOf(commandRow(name).help), column)
  }
  t.alike(commandList(APP).slice(0, -2), listed)
  t.alike(commandList(APP).at(-2), 'App')
  t.ok(/^ {2}\/offer +Offer something\.$/.test(commandList(APP).at(-1) ?? ''))
  t.alike(appCommandHelp(APP[0] as (typeof APP)[0]), [
    '/offer',
    '  Offer something.',
    '  A command of the app.',
    '  Example: /offer --what tea'
  ])
})

test('the help of a command: usage, meaning, arguments, example', (t) => {
  t.alike(commandHelp('help'), [
    '/help [<command>]',
    '  List the commands, or explain one.',
    '  --command <command> (optional): Explain this command.',
    '  Example: /help get_keys'
  ])
  for (const name of COMMAND_NAMES) {
    const text = commandHelp(name).join('\n')
    for (const key of Object.keys(commandRow(name).args))
      t.ok(text.includes(`--${key} `), `/${name} --${key}`)
  }
})

test('every example is a command of its own row', (t) => {
  for (const name of COMMAND_NAMES) t.is(parseCommand(commandRow(name).example).name, name)
})

test('completion', (t) => {
  const names = COMMAND_NAMES.map((name) => `/${name}`)
  const rows: [line: string, start: number, candidates: readonly string[]][] = [
    ['', 0, names],
    ['  ', 2, names],
    ['/', 0, names],
    ['/st', 0, ['/stats']],
    ['/stats', 0, ['/stats']],
    ['/statsfoo', 0, []],
    ['st', 0, []],
    ['/help ', 6, COMMAND_NAMES],
    ['/help g', 6, ['get', 'get_keys']],
    ['/get_keys ', 10, ['--yes']],
    ['/get_keys --y', 10, ['--yes']],
    ['/get_keys --yes x', 16, []],
    ['/stats --', 7, []],
    ['/nope --', 6, []],
    ['/__proto__ ', 11, []]
  ]
  for (const [line, start, candidates] of rows) {
    t.alike(completeCommand(line, line.length), { start, candidates: [...candidates] }, line)
  }
  t.alike(completeCommand('/off', 4, ['offer']).candidates, ['/offer'])
  t.alike(completeCommand('/help of', 8, ['offer']).candidates, ['offer'])
  t.alike(
    completeCommand('/st --x', 3),
    { start: 0, candidates: ['/stats'] },
    'only what is before the cursor'
  )
})

test('a candidate always continues what stands before the cursor', (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('/', 'h', 'e', 'l', 'p', ' ', '-', 's', 't') }),
      fc.nat(9),
      (line, at) => {
        const cursor = Math.min(at, line.length)
        const { start, candidates } = completeCommand(line, cursor)
        return start <= cursor && candidates.every((name) => name.startsWith(line.slice(start, cursor)))
      }
    )
  )
  t.pass()
})

test('the reference has a whole row for every command', (t) => {
  const rows = commandsMarkdown()
    .split('\n')
    .filter((line) => line.startsWith('| `/'))
  t.is(rows.length, COMMAND_NAMES.length)
  for (const [index, name] of COMMAND_NAMES.entries()) {
    const { effect, who, example } = commandRow(name)
    const cells = (rows[index] ?? '').split(/(?<!\\)\|/).map((cell) => cell.trim())
    t.is(cells.length, 7, name)
    t.alike(
      [cells[1], cells[3], cells[4], cells[5]],
      [`\`${usage(name).replaceAll('|', '\\|')}\``, who, effect, `\`${example}\``]
    )
  }
})
