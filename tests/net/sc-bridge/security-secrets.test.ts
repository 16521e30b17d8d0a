import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { RawClient } from '../../helpers/bridge-client.ts'
import { Peer } from '../../helpers/peer.ts'
import { freePort } from '../../helpers/ports.ts'
import { knock } from '../../helpers/raw-websocket.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'
import { ask, ENTRY } from './helpers.ts'

const MAIN = 'main-token-0123456789'
const MORE = 'more-token-9876543210'
const WRONG = 'wrong-token-5555555555'
const TOKENS = JSON.stringify({ [MORE]: ['read', 'send', 'join'] })

test('no token stands in a log line, whatever is done with it', async (t) => {
  const cwd = temporaryFolder(t)
  const file = path.join(cwd, 'token')
  fs.writeFileSync(file, `${MAIN}\n`, { mode: 0o600 })
  const given: [format: string, main: string[]][] = [
    ['0', ['--sc-bridge-token', MAIN]],
    ['1', ['--sc-bridge-token-file', file]]
  ]
  for (const [format, main] of given) {
    const args = [
      ...['start', 'alice', '--local', '--local-port', String(await freePort())],
      ...['--sc-bridge', '1', '--sc-bridge-port', '0', '--sc-bridge-cli', '1', '--sc-bridge-debug', '1'],
      ...['--sidechannel-debug', '1', '--sidechannel-welcome-required', '0'],
      ...['--log-level', 'debug', '--log-json', format, ...main, '--sc-bridge-tokens', TOKENS]
    ]
    const peer = new Peer(t, { cwd, args })
    const [, at] = await peer.saw(/SC-Bridge: ws:\/\/127\.0\.0\.1:(\d+)/)
    const port = Number(at)
    for (const token of [MAIN, MORE]) {
      const client = await RawClient.connect(t, port, token)
      for (const secret of [MAIN, MORE]) {
        for (const request of [
          { type: 'join', channel: secret },
          { type: 'send', channel: secret, message: secret },
          { type: 'leave', channel: secret },
          { type: 'open', channel: secret },
          { type: 'set_filter', filter: secret },
          { type: 'subscribe', channel: secret },
          { type: 'cli', command: `/${secret}` },
          { type: 'cli', command: `/sc_send --channel ${ENTRY} --message ${secret}` },
          { type: secret },
          { type: 'join', channel: 'x', invite: secret },
          { type: 'join', channel: 'x', owner: secret }
        ])
          await ask(client, request)
        client.socket.sendText(secret)
        await client.next()
      }
      client.socket.sendRaw(token)
      await client.socket.closed
    }
    await t.exception(RawClient.connect(t, port, WRONG), /Unauthorized/)
    await knock(t, port, {
      path: `/?token=${MAIN}`,
      headers: { authorization: `Bearer ${MAIN}`, origin: MAIN }
    })
    await knock(t, port, { path: `/${MAIN}`, headers: { host: MAIN } })
    await peer.stop()
    const printed = peer.output + peer.errors
    t.ok(printed.length > 1000 && /wrong token/.test(printed), 'much was logged')
    for (const secret of [MAIN, MORE, WRONG]) t.absent(printed.includes(secret), secret)
  }
})

test('no token is shown by --print-config, wherever it came from', async (t) => {
  const cwd = temporaryFolder(t)
  fs.writeFileSync(path.join(cwd, 'tokens.json'), TOKENS)
  const store = path.join(cwd, 'stores', 'peer')
  fs.mkdirSync(store, { recursive: true })
  const shows = async (flags: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const peer = new Peer(t, { cwd, args: ['--print-config', ...flags], env })
    t.alike(await peer.exited, { code: 0, signal: null }, peer.errors)
    t.ok(/sc-bridge-token\b/i.test(peer.output))
    for (const secret of [MAIN, MORE]) t.absent((peer.output + peer.errors).includes(secret), secret)
  }
  await shows(['--sc-bridge-token', MAIN, '--sc-bridge-tokens', TOKENS])
  await shows(['--sc-bridge-token', MAIN, '--sc-bridge-tokens', `@${path.join(cwd, 'tokens.json')}`])
  await shows([], { SC_BRIDGE_TOKEN: MAIN, INTERCOM_SC_BRIDGE_TOKENS: TOKENS })
  fs.writeFileSync(
    path.join(store, 'config.json'),
    JSON.stringify({ 'sc-bridge-token': MAIN, 'sc-bridge-tokens': TOKENS })
  )
  await shows([])
})

test('what is wrong with tokens is told without showing them', async (t) => {
  const cwd = temporaryFolder(t)
  const start = ['start', 'x', '--local', '--local-port', String(await freePort()), '--sc-bridge', '1']
  const rows: [tokens: string, expected: RegExp][] = [
    [
      JSON.stringify({ [MORE]: ['fly'] }),
      /entry 1: expected a list of one or more of read, send, join, admin, cli/
    ],
    [JSON.stringify({ [MORE]: ['read'], short: ['read'] }), /token of entry 2 is shorter/],
    [JSON.stringify({ [MORE]: ['read'], [MAIN]: ['read'] }), /entry 2 is the main token/],
    [`{"${MORE}":["read"],"${MORE}":["cli"]}`, /entry 2 has the token of entry 1/],
    [JSON.stringify([MORE]), /expected a JSON object/]
  ]
  for (const [tokens, expected] of rows) {
    const flags = ['--sc-bridge-port', '0', '--sc-bridge-token', MAIN, '--sc-bridge-tokens', tokens]
    const peer = new Peer(t, { cwd, args: [...start, ...flags] })
    t.is((await peer.exited).code, 2, String(expected))
    t.ok(expected.test(peer.errors), peer.errors)
    for (const secret of [MAIN, MORE]) t.absent((peer.output + peer.errors).includes(secret), secret)
  }
})
