import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { checkArguments } from '../../../src/cli/arguments.ts'
import { parseArgv } from '../../../src/config/argv.ts'
import type { Subcommand } from '../../../src/config/subcommands.ts'
import { errorOf } from '../../helpers/errors.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const KEY = 'ab'.repeat(32)
const INVITE = { payload: { channel: 'lobby' }, sig: 'cd' }

function check<S extends Subcommand>(subcommand: S, ...words: string[]) {
  return checkArguments(subcommand, parseArgv([subcommand, ...words]).args)
}

test('arguments become what the table says', (t) => {
  const sent = check('send', ' lobby ', 'hi', '--json')
  t.is(sent.channel, 'lobby')
  t.is(sent.message, 'hi')
  t.is(sent.json, true)
  t.is(sent['json-message'], undefined)
  const listen = check('listen', 'a', 'b', '--count', '3', '--timeout=5', '--since', '0', '--epoch', 'x')
  t.alike(listen.channel, ['a', 'b'])
  t.alike([listen.count, listen.timeout, listen.since, listen.epoch], [3, 5, 0, 'x'])
  t.alike(check('listen').channel, [])
  t.is(check('invite', 'lobby', KEY.toUpperCase(), '--ttl', '60').pubkey, KEY as never)
})

test('invites and welcomes come as JSON, base64 or from a file', (t) => {
  const json = JSON.stringify(INVITE)
  const file = path.join(temporaryFolder(t), 'invite.json')
  fs.writeFileSync(file, `${json}\n`)
  for (const text of [json, 'eyJwYXlsb2FkIjp7ImNoYW5uZWwiOiJsb2JieSJ9LCJzaWciOiJjZCJ9', `@${file}`]) {
    t.alike(check('join', 'lobby', '--invite', text).invite as unknown, INVITE, text)
  }
  const bad = errorOf(t, () => check('join', 'lobby', '--invite', 'nonsense!'))
  t.is(bad.message, 'Invalid invite (expected JSON or base64).')
  const missing = errorOf(t, () => check('join', 'lobby', '--invite', `@${file}.gone`))
  t.ok(/^Invalid --invite\. .*Cannot read "@.*\.gone" \(ENOENT\)\.$/.test(missing.message), missing.message)
})

test('a message is never taken from a file by its name', (t) => {
  t.is(check('send', 'lobby', '@package.json').message, '@package.json')
})

test('what is missing or wrong is named, with exit code 2 and the way to the help', (t) => {
  const rows: [Subcommand, string[], RegExp][] = [
    ['send', [], /^"send" needs <channel> or --channel\. /],
    ['send', ['lobby'], /^"send" needs <message\|-> or --message\. /],
    ['send', ['lobby', ''], /^Invalid --message\. .* Got ""\.$/],
    ['send', ['a\u001b[2Jb', 'x'], /^Invalid --channel\. .* Got "a\\e\[2Jb"\.$/],
    ['invite', ['lobby', 'abc'], /^Invalid --pubkey\. .*64 chars.* Got "abc"\.$/],
    ['invite', ['lobby', KEY, '--ttl', '0'], /^Invalid --ttl\. Expected integer 1-/],
    ['listen', ['--count', '0'], /^Invalid --count\. Expected integer 1-/],
    ['listen', ['--json', '--timeout', '1.5'], /^Invalid --timeout\. /],
    ['stats', ['--url', 'http://127.0.0.1:1'], /^Invalid --url\. .*ws:/],
    ['stats', ['--url', 'ws://user:secret@host'], /^Invalid --url\. /],
    ['cli', [], /^"cli" needs <command line> or --line\. /]
  ]
  for (const [subcommand, words, expected] of rows) {
    const error = errorOf(t, () => check(subcommand, ...words))
    t.ok(expected.test(error.message), error.message)
    t.is(error.exitCode, 2)
    t.ok(error.next.includes(`${subcommand} --help`), error.next)
  }
})
