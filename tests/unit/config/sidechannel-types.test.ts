import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { parseCommand } from '../../../src/commands/parse.ts'
import { channelName, token } from '../../../src/config/sidechannel-types.ts'
import { errorOf } from '../../helpers/errors.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const readFile = (file: string): string => {
  throw new Error(`no file ${file}`)
}

test('invites and welcomes: JSON, base64 with or without a prefix', (t) => {
  const value = { payload: { text: 'a "b" ☃' }, sig: 'cd' }
  const json = JSON.stringify(value)
  const base64 = 'eyJwYXlsb2FkIjp7InRleHQiOiJhIFwiYlwiIOKYgyJ9LCJzaWciOiJjZCJ9'
  const type = token('invite')
  for (const text of [json, ` ${json}\n`, base64, `b64:${base64}`]) {
    t.alike(type.parse(text, readFile), value as never, text)
  }
  for (const text of ['', '{', 'nonsense!', '[]', '"text"', 'b64:', `${'['.repeat(70)}`]) {
    t.is(type.parse(text, readFile), undefined, text)
  }
  t.is(type.show(value as never), json)
})

test('a bad one is refused in the words of the deployed peers', (t) => {
  const folder = temporaryFolder(t)
  const file = path.join(folder, 'bad.json')
  fs.writeFileSync(file, 'no token')
  const rows: [line: string, message: string][] = [
    ['/sc_join --channel a --invite no', 'Invalid invite (expected JSON or base64).'],
    [`/sc_join --channel a --invite @${file}`, 'Invalid invite (expected JSON or base64).'],
    ['/sc_send --channel a --message b --welcome {', 'Invalid welcome (expected JSON or base64).']
  ]
  for (const [line, message] of rows) {
    const error = errorOf(t, () => parseCommand(line))
    t.is(error.code, 'bad_arguments')
    t.is(error.message, message)
  }
  const missing = errorOf(t, () => parseCommand(`/sc_join --channel a --welcome @${folder}/none`))
  t.ok(/--welcome of \/sc_join: cannot read .*ENOENT/.test(missing.message))
})

test('the name of one channel may hold a comma', (t) => {
  const rows: [string, string | undefined][] = [
    ['a', 'a'],
    [' a b ', 'a b'],
    ['a,b', 'a,b'],
    [',', ','],
    ['@a', '@a'],
    ['☃'.repeat(42), '☃'.repeat(42)],
    ['☃'.repeat(43), undefined],
    [' ', undefined],
    ['', undefined],
    ['a\nb', undefined],
    ['a\u0085b', undefined],
    ['\ud800', undefined]
  ]
  for (const [text, name] of rows) t.is(channelName.parse(text, readFile), name, JSON.stringify(text))
  t.alike(parseCommand('/sc_leave --channel "a,b"').args, { channel: 'a,b' })
})
