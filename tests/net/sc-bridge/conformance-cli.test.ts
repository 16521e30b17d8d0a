import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import { COMMAND_NAMES, commandRow, isSubnetCommand } from '../../../src/commands/table.ts'
import { ask, connect, ENTRY, isRefused, type Json, OPEN, openOne } from './helpers.ts'

async function openCli(t: Assertions) {
  const node = await openOne(t, [...OPEN, '--sc-bridge-cli', '1'])
  const client = await connect(t, node)
  const cli = (command: string) => ask(client, { type: 'cli', command })
  return { ...node, client, cli }
}

test('only with --sc-bridge-cli 1', async (t) => {
  const client = await connect(t, await openOne(t))
  isRefused(t, await ask(client, { type: 'cli', command: '/stats' }), 'CLI over WS is disabled.', 'disabled')
  const off = await connect(t, await openOne(t, [...OPEN, '--sc-bridge-cli', '0']))
  isRefused(t, await ask(off, { type: 'cli', command: '/exit' }), 'CLI over WS is disabled.', 'disabled')
})

test('what a command prints, and what it gives', async (t) => {
  const { cli } = await openCli(t)
  t.alike(await cli('/sc_join --channel lobby'), {
    type: 'cli_result',
    command: '/sc_join --channel lobby',
    ok: true,
    output: ['Joined "lobby".'],
    error: null,
    result: { channel: 'lobby', already: false, owner: null, awaitingWelcome: false }
  })
  const { output, ...help } = await cli('/help')
  t.alike(help, { type: 'cli_result', command: '/help', ok: true, error: null, result: [...COMMAND_NAMES] })
  const lines = output as string[]
  t.is(lines[0], 'Commands:')
  const at = COMMAND_NAMES.map((name) => lines.findIndex((line) => new RegExp(`^ *\\/${name}\\b`).test(line)))
  t.absent(at.includes(-1), 'every command is listed')
  t.alike(
    at,
    [...at].sort((a, b) => a - b),
    'in the order of the table'
  )
  t.ok(lines.every((line) => !line.includes('\n')))
})

test('every command of the terminal can be reached', async (t) => {
  const { cli } = await openCli(t)
  for (const name of COMMAND_NAMES) {
    const { example } = commandRow(name)
    const { type, command, ok, output, error } = await cli(example)
    t.alike([type, command], ['cli_result', example])
    // Some have nothing to do here, where there is no subnet, and say so.
    const refused = name === 'sc_accept' || isSubnetCommand(name)
    t.is(ok, !refused, `${example}: ${error}`)
    t.is((output as string[]).length > 0, ok, JSON.stringify(output).slice(0, 100))
  }
})

test('what fails says why, and the next one runs', async (t) => {
  const { cli, client } = await openCli(t)
  const rows: [command: string, error: RegExp][] = [
    ['/nonsense', /^Unknown command \/nonsense/],
    ['/sc_joi --channel a', /sc_join/],
    ['/sc_join', /--channel/],
    ['/sc_leave --channel never', /not in "never"/],
    ['/sc_join --channel a --owner xyz', /--owner/],
    ['hello', /.+/],
    ['', /.+/],
    ['/', /.+/],
    ['/sc_join --channel "unclosed', /.+/],
    ['/sc_join --channel a\n/sc_join --channel b', /.+/]
  ]
  for (const [command, expected] of rows) {
    const { error, ...rest } = await cli(command)
    t.alike(rest, { type: 'cli_result', command, ok: false, output: [], result: null })
    t.ok(expected.test(String(error)), `${command}: ${error}`)
  }
  t.alike((await ask(client, { type: 'stats' })).channels, [ENTRY])
  isRefused(t, await ask(client, { type: 'cli' }), 'Missing command.', 'bad_request')
  isRefused(t, await ask(client, { type: 'cli', command: ['/stats'] }), 'Missing command.', 'bad_request')
  t.is((await cli('/stats')).ok, true)
})

test('many at once run one at a time, in order', async (t) => {
  const { client } = await openCli(t)
  // Each needs the one before it to be done; /stats takes its time.
  const commands = Array.from({ length: 60 }, (_, i) => [
    '/sc_join --channel here',
    '/stats',
    '/sc_leave --channel here',
    '/sc_leave --channel here',
    `/sc_send --channel 0000intercom --message ${i}`
  ]).flat()
  commands.forEach((command, id) => {
    client.socket.sendJson({ id, type: 'cli', command })
  })
  const results: Json[] = []
  while (results.length < commands.length) results.push(await client.next())
  t.alike(
    results.map(({ id, command }) => [id, command]),
    commands.map((command, id) => [id, command])
  )
  t.alike(
    results.map(({ ok }) => ok),
    commands.map((_, index) => index % 5 !== 3)
  )
})

test('/get_keys shows nothing secret unless --yes is added', async (t) => {
  const { cli, node } = await openCli(t)
  const { publicKey, secretKey, mnemonic } = node.wallet
  t.ok(publicKey.byteLength === 32 && mnemonic !== null)
  const secrets = [secretKey, secretKey.subarray(0, 32)].map((key) => b4a.toString(key, 'hex'))
  for (const command of ['/get_keys', '/get_keys --yes 0']) {
    const { output, result, ok } = await cli(command)
    t.is(ok, true)
    t.alike(result, { address: node.address, publicKey: node.key })
    const text = (output as string[]).join('\n')
    t.ok(text.includes(`Public Key: ${node.key}`) && text.includes('Secret Key: hidden'))
    for (const secret of [...secrets, String(mnemonic)]) t.absent(text.includes(secret))
  }
  for (const command of ['/get_keys --yes', '/get_keys --yes 1']) {
    const { output, result } = await cli(command)
    t.alike(result, { address: node.address, publicKey: node.key, secretKey: secrets[0], mnemonic })
    t.ok((output as string[]).includes(`Secret Key: ${secrets[0]}`))
  }
})

test('nobody can be asked anything over the bridge: what needs a yes is not done', async (t) => {
  const { client } = await openCli(t)
  client.socket.sendJson({ id: 1, type: 'cli', command: '/get_keys' })
  client.socket.sendJson({ id: 2, type: 'cli', command: 'show' })
  const [first, second] = [await client.next(), await client.next()]
  t.alike([first.id, first.ok, second.id, second.ok], [1, true, 2, false])
  t.ok(JSON.stringify(first).includes('hidden'), 'the next command is not an answer')
})
