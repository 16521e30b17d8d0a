import test from 'brittle'
import { isSubnetRequest } from '../../../src/bridge/protocol.ts'
import { SUBCOMMANDS, type Subcommand } from '../../../src/config/subcommands.ts'
import { CliStage } from '../../helpers/cli.ts'

/** All that a terminal acts on, but for the ends of lines. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ACTIVE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/
const EVIL = '\u001b[2J\u202ehello'

test('the subnet from the shell', { timeout: 120_000 }, async (t) => {
  const stage = await CliStage.open(t)
  const alice = await stage.start('alice', ['--sc-bridge-cli', '1'])
  await stage.done('alice', ['cli', '/add_admin', '--address', alice.key])
  await stage.done('alice', ['cli', '/set_chat_status', '--enabled', '1'])

  const store = ['--peer-store-name', 'alice']
  const watch = stage.begin(['watch', 'some', 'chat_last', '--count', '2', '--json', ...store])
  const chat = stage.begin(['chat', '--count', '1', ...store])
  await Promise.all([watch.peer.saw('"type":"watching"'), chat.peer.saw('Listening to the chat')])
  const [sim, posted] = await Promise.all([
    stage.json('alice', ['tx', 'something', '--sim']),
    stage.done('alice', ['post', '-'], { input: `${EVIL}\n` })
  ])
  t.alike([sim.simulated, sim.error], [true, null])
  t.is(posted, 'Posted as #0.\n')
  t.ok((await stage.done('alice', ['tx', 'something'])).startsWith('Transaction: '))

  const watched = await watch.result
  t.is(watched.code, 0, watched.err)
  const changes = watched.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.alike(
    changes.map(({ type, key }) => [type, key]),
    [
      ['state_changed', 'chat_last'],
      ['state_changed', 'something']
    ]
  )
  t.is(changes[0].value.msg, EVIL)
  const heard = await chat.result
  t.is(heard.out, `#0 ${alice.key}: \\e[2J\\u202ehello\n`)
  for (const { out } of [watched, heard]) t.absent(ACTIVE.test(out))

  const [value, entries, roles, stats, bad] = await Promise.all([
    stage.done('alice', ['get', 'something', '--unconfirmed']),
    stage.json('alice', ['list', 'chat_', '--limit', '1', '--unconfirmed']),
    stage.done('alice', ['roles']),
    stage.json('alice', ['subnet-stats']),
    stage.run('alice', ['tx', 'no such command'])
  ])
  t.is(value, '"there is something"\n')
  t.alike([entries.more, (entries.entries as { key: string }[])[0]?.key], [true, 'chat_last'])
  t.ok(new RegExp(`^admin +${alice.key}$`, 'm').test(roles), roles)
  t.is((stats.stats as { admin: string }).admin, alice.key)
  t.is(bad.code, 1)
  t.ok(bad.err.includes('command not found'), bad.err)
  const asking = (Object.keys(SUBCOMMANDS) as Subcommand[]).filter((name) => {
    const { request } = SUBCOMMANDS[name]
    return request !== null && isSubnetRequest(request)
  })
  t.alike(
    asking.sort(),
    ['chat', 'get', 'list', 'post', 'roles', 'subnet-stats', 'tx', 'watch'],
    'each was tried'
  )
  await alice.stop()
})
