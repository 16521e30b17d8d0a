import test, { type Assertions } from 'brittle'
import fc from 'fast-check'
import { type ErrorCode, IntercomError } from '../../../src/base/errors.ts'
import { printable } from '../../../src/base/text.ts'
import {
  checkArguments,
  commandWord,
  parseArgument,
  parseCommand,
  splitWords,
  usage
} from '../../../src/commands/parse.ts'
import { COMMAND_NAMES } from '../../../src/commands/table.ts'
import { text } from '../../../src/config/types.ts'
import { failsWith } from '../../helpers/errors.ts'
import { storesFolder } from '../../helpers/stores.ts'

function fails(t: Assertions, code: ErrorCode, line: string, ...texts: string[]): void {
  failsWith(t, code, texts, () => parseCommand(line))
}

test('words are split at blanks, quotes keep them together', (t) => {
  const rows: [line: string, words: string[]][] = [
    ['', []],
    ['  a \t b\n', ['a', 'b']],
    ['"a b"', ['a b']],
    ["'a b'", ['a b']],
    ['""', ['']],
    ['--key="a b"', ['--key=a b']],
    ["--key='a b'c", ['--key=a bc']],
    ['"a \\"b\\" \\\\ \\n"', ['a "b" \\ \\n']],
    ['\'a \\ "b"\'', ['a \\ "b"']],
    ['a\\ b \\"c\\"', ['a b', '"c"']],
    ['a\\', ['a\\']],
    ["it\\'s", ["it's"]],
    ['"☃ 😀"', ['☃ 😀']],
    ['a\u00a0b', ['a', 'b']]
  ]
  for (const [line, words] of rows) {
    t.alike(
      splitWords(line).map(({ text }) => text),
      words,
      JSON.stringify(line)
    )
  }
  t.alike(
    splitWords('"--a" --a="x" b').map(({ quoted }) => quoted),
    [true, false, false]
  )
  for (const line of ['"', "'", 'a "b', '"a\\"', "x='"]) {
    failsWith(t, 'bad_arguments', ['A quote is not closed'], () => splitWords(line))
  }
})

test('any word can be quoted', (t) => {
  const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
      const again = splitWords(words.map(quote).join(' '))
      return JSON.stringify(again) === JSON.stringify(words.map((text) => ({ text, quoted: true })))
    })
  )
  t.pass()
})

test('what is printed as a word is read as the same word, and shows nothing invisible', (t) => {
  const rows: [text: string, word: string][] = [
    ['lobby', 'lobby'],
    ['a b', '"a b"'],
    ['--x', '"--x"'],
    ['', '""'],
    ['a"b\\c', '"a\\"b\\\\c"'],
    ['a\u200bb', '"a\\u200bb"'],
    ['\\u200b', '"\\\\u200b"'],
    ['☃', '"☃"']
  ]
  for (const [text, word] of rows) t.is(commandWord(text), word)
  // A name: no control characters, no lone surrogates.
  const unit = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom('\\', '"', "'", ' ', '\u200b', '\u2028', 'u', '0', '\\u200b')
  )
  const name = fc.string({ unit }).filter((text) => text.isWellFormed() && !/\p{Cc}/u.test(text))
  fc.assert(
    fc.property(name, (text) => {
      const words = splitWords(`${commandWord(text)} next`)
      return (
        words.length === 2 && words[0]?.text === text && printable(commandWord(text)) === commandWord(text)
      )
    })
  )
})

test('arguments: --key value, --key=value, by place, quoted', (t) => {
  const rows: [line: string, args: object][] = [
    ['/help', {}],
    ['/help stats', { command: 'stats' }],
    ['/help --command stats', { command: 'stats' }],
    ['/help --command=stats', { command: 'stats' }],
    ['/help --command="a b"', { command: 'a b' }],
    ["/help --command 'a b'", { command: 'a b' }],
    ['/help "--command"', { command: '--command' }],
    ['/help --command "--x"', { command: '--x' }],
    ['/help --command=--x', { command: '--x' }],
    ['/help --command a=b', { command: 'a=b' }],
    ['/help --command a --command b', { command: 'b' }],
    [' \t/help   stats  ', { command: 'stats' }]
  ]
  for (const [line, args] of rows) t.alike(parseCommand(line), { name: 'help', args }, line)
  const booleans: [line: string, args: object][] = [
    ['/get_keys', {}],
    ['/get_keys --yes', { yes: true }],
    ['/get_keys --yes 1', { yes: true }],
    ['/get_keys --yes OFF', { yes: false }],
    ['/get_keys --yes=no', { yes: false }],
    ['/get_keys --yes --yes=0', { yes: false }]
  ]
  for (const [line, args] of booleans) t.alike(parseCommand(line), { name: 'get_keys', args }, line)
})

test('a command is a whole word', (t) => {
  fails(t, 'unknown_command', '/statsfoo', 'Unknown command /statsfoo.', 'Did you mean /stats?')
  fails(t, 'unknown_command', '/sta', 'Did you mean /stats?')
  fails(t, 'unknown_command', '/hlep', 'Did you mean /help?')
  fails(t, 'unknown_command', '/Stats', 'Did you mean /stats?')
  fails(t, 'unknown_command', '/get_', 'Unknown command /get_.')
  fails(t, 'unknown_command', '/', 'Unknown command /.')
  fails(t, 'unknown_command', '//help', 'Unknown command //help.')
  for (const name of ['__proto__', 'constructor', 'toString']) fails(t, 'unknown_command', `/${name}`, name)
  for (const line of ['', 'help', 'hello /help', '-/help', '""']) {
    fails(t, 'unknown_command', line, 'Commands begin with "/".')
  }
  fails(t, 'unknown_command', `/${'x'.repeat(5000)}`, '…')
  fails(t, 'unknown_command', '/a\u001b[2J', '/a\\e[2J')
})

test('unknown, missing and bad arguments', (t) => {
  fails(t, 'bad_arguments', '/help --comand stats', '/help has no --comand.', 'Did you mean --command?')
  fails(t, 'bad_arguments', '/stats --x=1', '/stats has no --x.', 'Usage: /stats')
  fails(t, 'bad_arguments', '/stats --__proto__ 1', '/stats has no --__proto__.')
  fails(t, 'bad_arguments', '/help --', '/help has no --.')
  fails(t, 'bad_arguments', '/stats now', '/stats does not take "now".', 'Usage: /stats')
  fails(t, 'bad_arguments', '/help stats exit', '/help does not take "exit".', 'Usage: /help [<command>]')
  fails(t, 'bad_arguments', '/help --command stats exit', '/help does not take "exit".')
  fails(t, 'bad_arguments', '/help --command', '--command of /help needs a value.', 'Expected text of 1-64')
  fails(t, 'bad_arguments', '/help --command --x', '--command of /help needs a value.')
  fails(t, 'bad_arguments', '/help --command=', 'Invalid --command of /help.', 'Got "".')
  fails(t, 'bad_arguments', `/help ${'x'.repeat(65)}`, 'Invalid --command of /help.', 'Expected text of 1-64')
  fails(t, 'bad_arguments', '/get_keys --yes=maybe', 'Invalid --yes of /get_keys.', '0, 1, true', '"maybe"')
  fails(t, 'bad_arguments', '/get_keys --yes maybe', '/get_keys does not take "maybe".')
  fails(t, 'bad_arguments', '/get_keys --yes "maybe"', 'maybe')
  fails(t, 'bad_arguments', '/help "stats', 'A quote is not closed: "stats')
})

test('@file stands for what is in the file, when it is one of a fair size', (t) => {
  const folder = storesFolder(t, { note: ' of a file\n', big: 'x'.repeat(1024 * 1024 + 1) })
  const type = text('<text>', { file: true })
  const read = (written: string) =>
    parseArgument('help', 'command', { type, required: false, positional: true, help: '' }, written)
  t.is(read(`@${folder}/note`), 'of a file')
  t.is(read('plain'), 'plain')
  const bad = [
    [`@${folder}/none`, '(ENOENT)'],
    [`@${folder}`, '(not a file)'],
    [`@${folder}/big`, '(larger than 1048576 bytes)']
  ] as const
  for (const [written, why] of bad) {
    failsWith(t, 'bad_arguments', ['--command of /help: cannot read "@', why], () => read(written))
  }
  t.is(parseCommand('/help @note').args.command, '@note', 'not every text is a file')
})

test('people are named by key or address, flags of deployed peers are read as they are there', (t) => {
  const key = '17cea8fa0c8d6993e05bd5f4ad8cff9f413b40d8685bc5e633cbba6f78f5dfc5'
  const address = 'trac1zl8237sv345e8czm6h62mr8lnaqnksxcdpdute3newax7784mlzspgq04v'
  const rows: [line: string, args: object][] = [
    [`/set_mod --user ${address} --mod 1`, { user: key, mod: true }],
    [`/set_mod --user ${key.toUpperCase()} --mod 0`, { user: key, mod: false }],
    [`/add_admin --address ${address}`, { address: key }],
    ['/update_admin --address null', { address: null }],
    [`/update_admin --address ${address}`, { address: key }],
    ['/enable_transactions', {}],
    ['/get --key a', { key: 'a' }],
    ['/get --key "a b" --confirmed=TRUE', { key: 'a b', confirmed: true }],
    ["/get --key='a' --confirmed 1", { key: 'a', confirmed: true }],
    ['/get --key a --confirmed no', { key: 'a', confirmed: false }],
    ['/get --key a --unconfirmed', { key: 'a', unconfirmed: true }],
    ['/post --message ""', { message: '' }],
    ['/messages --from 3 --limit 2', { from: 3, limit: 2 }]
  ]
  for (const [line, args] of rows) t.alike(parseCommand(line).args, args, line)
  const first = 'Invalid --address. Expected a 32-byte hex public key (64 hex chars). Example: /add_admin'
  fails(t, 'bad_arguments', '/add_admin --address abc', first)
  fails(t, 'bad_arguments', '/add_admin --address null', first)
  fails(t, 'bad_arguments', `/add_admin --address ${address.slice(0, -1)}w`, first)
  fails(t, 'bad_arguments', `/add_writer --key ${address}`, 'Invalid --key. Expected 32-byte hex (64 chars).')
  fails(t, 'bad_arguments', '/tx', 'Missing option. Please use the --command flag.')
  fails(t, 'bad_arguments', '/get', 'Usage: /get --key "<key>" [--confirmed true|false] [--unconfirmed]')
  fails(t, 'bad_arguments', '/set_chat_status', '/set_chat_status needs --enabled.')
  fails(t, 'bad_arguments', '/pin_message --id -1 --pin 1', 'Invalid --id of /pin_message.')
})

test('arguments of programs are checked like typed ones, and no file is read for them', (t) => {
  const key = 'ab'.repeat(32)
  t.alike(checkArguments('add_writer', { key: key.toUpperCase() }), { key })
  t.alike(checkArguments('update_admin', { address: null }), { address: null })
  t.alike(checkArguments('pin_message', { id: 3, pin: true }), { id: 3, pin: true })
  t.alike(checkArguments('pin_message', { id: '3', pin: 0 }), { id: 3, pin: false })
  t.alike(checkArguments('enable_transactions', { enabled: undefined }), {})
  const refused: [args: object, text: string][] = [
    [{}, '/add_writer needs --key.'],
    [{ key: 7 }, 'Invalid --key. Expected 32-byte hex'],
    [{ key: '@stores/peer/db/keypair.json' }, '--key of /add_writer is not read from a file here.'],
    [{ key, more: 1 }, '/add_writer has no --more.']
  ]
  for (const [args, text] of refused)
    failsWith(t, 'bad_arguments', [text], () => checkArguments('add_writer', { ...args }))
})

test('usage', (t) => {
  t.is(usage('help'), '/help [<command>]')
  t.is(usage('stats'), '/stats')
  t.is(usage('get_keys'), '/get_keys [--yes]')
  t.is(usage('pin_message'), '/pin_message --id <n> --pin 0|1')
})

test('no line makes it throw anything but its own errors', (t) => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(' ', '"', "'", '\\', '--', '=', '--yes', '--command', 'on', ...COMMAND_NAMES)
  )
  const line = fc.tuple(
    fc.constantFrom('', '/', ...COMMAND_NAMES.map((name) => `/${name} `)),
    fc.array(piece)
  )
  let parsed = 0
  fc.assert(
    fc.property(line, ([start, pieces]) => {
      try {
        parseCommand(start + pieces.join(''))
        parsed++
      } catch (error) {
        if (!(error instanceof IntercomError)) throw error
        return error.exitCode === 2 && !/[\r\n]/.test(error.message)
      }
      return true
    }),
    { numRuns: 2000 }
  )
  t.ok(parsed > 0)
})
