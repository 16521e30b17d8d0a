import test, { type Assertions } from 'brittle'
import fs from '#fs'
import net from '#net'
import path from '#path'
import { IntercomError } from '../../../src/base/errors.ts'
import { openBridge, TOKEN } from '../../helpers/bridge.ts'
import { isMessage, RawClient } from '../../helpers/bridge-client.ts'
import { Peer, PROJECT } from '../../helpers/peer.ts'
import { freePort } from '../../helpers/ports.ts'
import { knock, RawStream, RawWebSocket, upgradeRequest } from '../../helpers/raw-websocket.ts'
import { startDht } from '../../helpers/swarm.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'
import { ask, connect, ENTRY, meet, OPEN, openOne } from './helpers.ts'

const fixture = (name: string) => path.join(PROJECT, 'tests', 'fixtures', name)
const TLS = ['--sc-bridge-tls-cert', fixture('tls-cert.pem'), '--sc-bridge-tls-key', fixture('tls-key.pem')]

/** What opening a bridge with these flags fails with. */
async function refusalOf(t: Assertions, flags: readonly string[]): Promise<IntercomError> {
  try {
    await openOne(t, [...OPEN, ...flags])
  } catch (error) {
    if (error instanceof IntercomError) return error
    throw error
  }
  throw new Error('it was opened')
}

/** A TCP port of loopback that somebody listens on. */
async function takenPort(t: Assertions): Promise<number> {
  const server = net.createServer()
  t.teardown(() => new Promise((resolve) => server.close(resolve)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  return (server.address() as { port: number }).port
}

test('beyond this machine only with TLS, or when it is insisted on', async (t) => {
  for (const host of ['0.0.0.0', '::']) {
    const { code, message, next } = await refusalOf(t, ['--sc-bridge-host', host])
    t.is(code, 'bad_flag')
    for (const flag of ['--sc-bridge-tls-cert', '--sc-bridge-tls-key', '--sc-bridge-insecure-remote 1'])
      t.ok(message.includes(flag), `${host}: ${message}`)
    t.ok(next.includes('127.0.0.1'))
  }
  const flags = ['--sc-bridge-host', '0.0.0.0', '--sc-bridge-insecure-remote', '1']
  const node = await openOne(t, [...OPEN, ...flags])
  t.is((await (await connect(t, node)).ask({ type: 'ping' })).type, 'pong')
  const rebound = await knock(t, node.port, { headers: { host: `evil.example:${node.port}` } })
  t.is(rebound?.status, 403, 'and a name that was pointed here is refused all the same')
  const foreign = await knock(t, node.port, { headers: { origin: 'https://evil.example' } })
  t.is(foreign?.status, 403)
})

test('addresses of loopback need nothing', async (t) => {
  for (const host of ['127.0.0.1', 'localhost', '127.0.0.2', '::1']) {
    const node = await openOne(t, [...OPEN, '--sc-bridge-host', host])
    const name = host === '::1' ? '[::1]' : host
    const at = node.bridge.listening.host
    const stream = await RawStream.open(t, node.port, { host: at })
    stream.send(upgradeRequest(node.port, { headers: { host: `${name}:${node.port}` } }))
    t.is((await stream.answer())?.status, 101, host)
  }
})

test('TLS', async (t) => {
  const bootstrap = await startDht(t)
  const node = await openBridge(t, bootstrap, [...OPEN, '--sc-bridge-host', '0.0.0.0', ...TLS])
  const other = await openBridge(t, bootstrap, OPEN)
  await meet([node, other], [ENTRY])
  t.alike(node.bridge.listening, { host: '0.0.0.0', port: node.port, tls: true })
  const socket = await RawWebSocket.connect(t, node.port, { tls: true })
  const client = new RawClient(socket)
  t.is((await client.next()).type, 'hello')
  t.is((await client.ask({ type: 'ping' })).error, 'Unauthorized.')
  t.is((await client.ask({ type: 'auth', token: TOKEN })).type, 'auth_ok')
  const message = 'x'.repeat(900_000)
  t.is((await ask(client, { type: 'send', channel: ENTRY, message })).type, 'sent', 'a large request')
  await other.sidechannels.send(ENTRY, message)
  const event = await client.next()
  t.ok(isMessage(event) && event.message === message, 'and a large event')

  const plain = await RawStream.open(t, node.port)
  plain.send(upgradeRequest(node.port, {}))
  t.is(await plain.answer(), null, 'plain text is not answered')
  t.is((await client.ask({ type: 'ping' })).type, 'pong')
})

test('TLS that cannot serve stops the start', async (t) => {
  const rows: [flags: string[], part: string][] = [
    [[TLS[0], TLS[1]] as string[], '--sc-bridge-tls-key'],
    [[TLS[2], TLS[3]] as string[], '--sc-bridge-tls-cert'],
    [['--sc-bridge-tls-cert', 'missing.pem', '--sc-bridge-tls-key', 'missing.pem'], 'missing.pem'],
    [[...TLS.slice(0, 2), '--sc-bridge-tls-key', fixture('tls-other-key.pem')], 'tls-other-key.pem']
  ]
  for (const [flags, part] of rows) {
    const { code, message } = await refusalOf(t, flags)
    t.is(code, 'bad_flag')
    t.ok(message.includes(part), message)
    t.absent(message.includes('PRIVATE KEY'))
  }
})

test('a busy port stops the start and says what to do; port 0 takes a free one', async (t) => {
  const port = await takenPort(t)
  const { code, message, next } = await refusalOf(t, ['--sc-bridge-port', String(port)])
  t.is(code, 'port_in_use')
  t.ok(message.includes(`Port ${port} `) && message.includes('--sc-bridge-port'), message)
  t.ok(next.includes('--sc-bridge-port (0: any free one)'), next)
  const [one, two] = [await openOne(t), await openOne(t)]
  t.ok(one.port > 0 && two.port > 0 && one.port !== two.port)
})

test('as a process: one line and an exit code, and where it listens in run.json', async (t) => {
  const cwd = temporaryFolder(t)
  const port = await takenPort(t)
  const local = ['--local', '--local-port', String(await freePort()), '--sc-bridge', '1']
  const busy = new Peer(t, { cwd, args: ['start', 'busy', ...local, '--sc-bridge-port', String(port)] })
  t.alike(await busy.exited, { code: 1, signal: null })
  t.ok(/^intercom: Port \d+ .* is in use .*--sc-bridge-port/m.test(busy.errors), busy.errors)
  t.absent(fs.existsSync(path.join(cwd, 'stores', 'busy', 'run.json')), 'nothing was left behind')
  const remote = new Peer(t, { cwd, args: ['start', 'busy', ...local, '--sc-bridge-host', '0.0.0.0'] })
  t.alike(await remote.exited, { code: 2, signal: null })
  t.ok(remote.errors.includes('--sc-bridge-insecure-remote 1'), remote.errors)

  const folder = path.join(cwd, 'stores', 'alice')
  const alice = new Peer(t, { cwd, args: ['start', 'alice', ...local, '--sc-bridge-port', '0'] })
  const [, at = '', file = ''] = await alice.saw(/SC-Bridge: ws:\/\/127\.0\.0\.1:(\d+) \(token in (\S+)\)/)
  t.is(path.resolve(cwd, file), path.join(folder, 'sc-bridge.token'))
  t.is(fs.statSync(path.join(folder, 'sc-bridge.token')).mode & 0o777, 0o600)
  const token = fs.readFileSync(path.join(folder, 'sc-bridge.token'), 'utf-8').trim()
  t.ok(/^[0-9a-f]{64}$/.test(token))
  const run = fs.readFileSync(path.join(folder, 'run.json'), 'utf-8')
  const { bridge, tokenFile } = JSON.parse(run) as Record<string, unknown>
  t.alike(bridge, { host: '127.0.0.1', port: Number(at), tls: false })
  t.is(path.resolve(cwd, String(tokenFile)), path.join(folder, 'sc-bridge.token'))
  t.absent(run.includes(token))
  const client = await RawClient.connect(t, Number(at), token)
  t.is((await client.ask({ type: 'ping' })).type, 'pong')
  await alice.stop()
  t.absent((alice.output + alice.errors).includes(token), 'its path is printed, not what it holds')

  const again = new Peer(t, { cwd, args: ['start', 'alice', ...local, '--sc-bridge-port', '0'] })
  const [, later = ''] = await again.saw(/SC-Bridge: ws:\/\/127\.0\.0\.1:(\d+) /)
  await RawClient.connect(t, Number(later), token)
  t.pass('the token stays the same')
  await again.stop()
})
