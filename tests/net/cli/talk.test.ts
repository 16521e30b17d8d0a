import test from 'brittle'
import { CliStage } from '../../helpers/cli.ts'

const ENTRY = '0000intercom'
/** All that a terminal acts on, but for the ends of lines. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ACTIVE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/

test('two nodes talk from the shell', { timeout: 120_000 }, async (t) => {
  const stage = await CliStage.open(t)
  const [alice, bob] = await Promise.all([stage.start('alice'), stage.start('bob')])
  await alice.meets(ENTRY, 1)
  const one = stage.begin(['listen', ENTRY, '--count', '1', '--json', '--peer-store-name', 'bob'])
  const three = stage.begin(['listen', '--count', '5', '--peer-store-name', 'bob'])
  await Promise.all([one.peer.saw('"type":"listening"'), three.peer.saw('Listening to "0000intercom"')])

  t.is(await stage.done('alice', ['send', ENTRY, 'hello there']), `Sent to 1 neighbour in "${ENTRY}".\n`)
  const heard = await one.result
  t.is(heard.code, 0)
  t.is(heard.out.split('\n').length, 2, 'one line and nothing else')
  const { type, channel, seq, from, message, verified } = JSON.parse(heard.out)
  t.alike([type, channel, seq, from, verified], ['sidechannel_message', ENTRY, 1, alice.key, true])
  t.is(message, 'hello there')

  const evil = '\u001b[2J\u001b]0;owned\u0007\u009b31m\r\u202e'
  const sends: [string[], string?][] = [
    [['send', ENTRY, '--', '--json']],
    [['send', '--channel', ENTRY, '--message', evil]],
    [['send', ENTRY, '-'], 'first\nsecond\n'],
    [['send', ENTRY, '-', '--json-message'], '{"a": [1, "é"]}']
  ]
  for (const [words, input] of sends) await stage.done('alice', words, input === undefined ? {} : { input })
  const listened = await three.result
  t.is(listened.code, 0)
  const said = `[${ENTRY}] ${alice.key}: `
  const shown = [
    'hello there',
    '--json',
    '\\e[2J\\e]0;owned\\u0007\\u009b31m\\r\\u202e',
    'first\\nsecond',
    '{"a":[1,"é"]}'
  ]
  t.alike(
    listened.out.trimEnd().split('\n'),
    shown.map((text) => said + text)
  )

  const again = await stage.done('bob', ['listen', ENTRY, '--since', '2', '--count', '3', '--json'])
  t.absent(ACTIVE.test(again), 'no escape sequence gets through as JSON either')
  const messages = again
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.alike(
    messages.map(({ seq, message }) => [seq, message]),
    [
      [3, evil],
      [4, 'first\nsecond'],
      [5, { a: [1, 'é'] }]
    ]
  )

  const filtered = await stage.done('bob', [
    'listen',
    ENTRY,
    '--since',
    '0',
    '--filter',
    'second|there',
    '--count',
    '2'
  ])
  t.alike(filtered.trimEnd().split('\n'), [`${said}hello there`, `${said}first\\nsecond`])
  await Promise.all([alice.stop(), bob.stop()])
})

test('how listening ends by itself, and what it says of what it cannot hear', {
  timeout: 55_000
}, async (t) => {
  const stage = await CliStage.open(t)
  const alice = await stage.start('alice')
  const [over, unmet, absent] = await Promise.all([
    stage.run('alice', ['listen', '--timeout', '1']),
    stage.run('alice', ['listen', '--timeout', '1', '--count', '2', '--json']),
    stage.run('alice', ['listen', ENTRY, 'den', '--timeout', '1'])
  ])
  t.alike([over.code, over.out], [0, ''])
  t.alike([unmet.code, unmet.out], [1, ''])
  const lines = unmet.err
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.alike(
    lines.map(({ type }) => type),
    ['listening', 'error']
  )
  t.is(lines[1]?.code, 'timed_out')
  t.is(lines[1]?.error, '0 of 2 messages came in 1 s.')
  t.ok(absent.err.includes('this peer is not in "den"'), absent.err)
  await alice.stop()
})

test('what was missed is said: on standard error to people, in its place to programs', {
  timeout: 55_000
}, async (t) => {
  const stage = await CliStage.open(t)
  const [alice, bob] = await Promise.all([
    stage.start('alice'),
    stage.start('bob', ['--sidechannel-history', '2'])
  ])
  await alice.meets(ENTRY, 1)
  const live = stage.begin(['listen', '--count', '4', '--peer-store-name', 'bob'])
  await live.peer.saw('Listening')
  for (const text of ['a', 'b', 'c', 'd']) await alice.sends(ENTRY, text)
  t.is((await live.result).code, 0)

  const words = ['listen', ENTRY, '--since', '0', '--count', '2']
  const [person, program] = await Promise.all([
    stage.run('bob', words),
    stage.run('bob', [...words, '--json'])
  ])
  t.is(person.out.trimEnd().split('\n').length, 2)
  t.ok(person.err.includes(`messages in "${ENTRY}" were missed (history): numbers 1 to 2.`), person.err)
  const lines = program.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.alike(lines[0], { type: 'gap', channel: ENTRY, from: 1, to: 2, reason: 'history' })
  t.alike(
    lines.slice(1).map(({ seq, message }) => [seq, message]),
    [
      [3, 'c'],
      [4, 'd']
    ]
  )
  await Promise.all([alice.stop(), bob.stop()])
})
