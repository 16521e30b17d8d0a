import test from 'brittle'
import fs from '#fs'
import path from '#path'
import process from '#process'
import { Peer } from '../../helpers/peer.ts'
import { freePort } from '../../helpers/ports.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

test('a node is looked at from outside', { timeout: 120_000 }, async (t) => {
  const cwd = temporaryFolder(t)
  const status = async (...args: string[]) => {
    const asked = new Peer(t, { cwd, args: ['status', ...args] })
    const { code } = await asked.exited
    return { code, output: asked.output, errors: asked.errors }
  }
  const json = async () => {
    const { code, output } = await status('alice', '--json')
    return { code, ...JSON.parse(output) }
  }
  const file = path.join(cwd, 'stores', 'alice', 'run.json')

  t.alike((await json()).state, 'stopped', 'never started')
  t.is((await status('alice')).code, 3)
  t.absent(fs.existsSync(path.join(cwd, 'stores')), 'looking leaves nothing behind')

  const local = ['--local', '--local-port', String(await freePort())]
  const servers = ['--sc-bridge', '1', '--sc-bridge-port', '0', '--report-every', '1']
  const node = new Peer(t, { cwd, args: ['start', 'alice', ...local, ...servers], input: false })
  await node.saw('Sidechannel: ready')
  await becomes(file, (text) => text.includes('"status":"ok"'))
  const well = await json()
  t.alike([well.code, well.state, well.healthy, well.pid], [0, 'healthy', true, node.pid])
  t.ok(well.bridge.port > 0 && well.heartbeatAgeSeconds <= 12 && well.readyAt >= well.startedAt)
  const { code, output } = await status('alice')
  t.is(code, 0)
  t.ok(/^alice is healthy: process \d+, up for \d+ \w.*\n/.test(output), output)
  await node.saw(/report: how the node is health=ok neighbours=0 channels=1 received=0 relayed=0 dropped=0 /)

  // A broken config.json is no reason not to know.
  fs.writeFileSync(path.join(cwd, 'stores', 'alice', 'config.json'), '{')
  t.is((await status('alice')).code, 0)

  process.kill(node.pid, 'SIGSTOP')
  const old = JSON.parse(fs.readFileSync(file, 'utf-8'))
  fs.writeFileSync(file, JSON.stringify({ ...old, heartbeatAt: Date.now() - 31_000 }))
  const silent = await json()
  t.alike([silent.code, silent.state], [1, 'silent'], 'a heartbeat that is old')
  fs.writeFileSync(file, '{"pid":')
  t.alike([(await json()).code, (await json()).state], [1, 'unreadable'], 'garbage')
  fs.writeFileSync(file, JSON.stringify({ ...old, heartbeatAt: Date.now() }))
  process.kill(node.pid, 'SIGCONT')
  t.is((await json()).code, 0)

  await node.kill()
  const killed = await json()
  t.alike([killed.code, killed.state, killed.bridge], [3, 'killed', null])

  const mistakes = await status('alice', '--sc-bridge', '1')
  t.is(mistakes.code, 2)
  t.ok(mistakes.errors.includes('--sc-bridge has no effect on "status"'), mistakes.errors)
  const help = await status('--help')
  t.is(help.code, 0)
  t.ok(help.output.replace(/\s+/g, ' ').includes('3 not running'))
})

test('a node that misses the DHT says so to whoever looks', { timeout: 60_000 }, async (t) => {
  const cwd = temporaryFolder(t)
  const nobody = `127.0.0.1:${await freePort()}`
  const node = new Peer(t, { cwd, args: ['start', 'alice', '--dht-bootstrap', nobody], input: false })
  await node.saw('cannot reach the DHT')
  await becomes(path.join(cwd, 'stores', 'alice', 'run.json'), (text) => text.includes('"check":"dht"'))
  const asked = new Peer(t, { cwd, args: ['status', 'alice'] })
  t.is((await asked.exited).code, 1)
  // After a minute without the DHT it is no start any more.
  t.ok(/^alice is (?:starting|degraded): process /.test(asked.output), asked.output)
  t.ok(asked.output.includes('problem    dht: the DHT does not answer'), asked.output)
})

/** Resolves once the file is as it should be: the node writes it when something changes. */
async function becomes(file: string, isSo: (text: string) => boolean): Promise<void> {
  const watcher = fs.watch(path.dirname(file))
  while (!isSo(fs.readFileSync(file, 'utf-8')))
    await new Promise<void>((resolve) => watcher.once('change', () => resolve()))
  watcher.close()
}
