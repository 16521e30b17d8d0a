import test, { type Assertions } from 'brittle'
import fs from '#fs'
import path from '#path'
import { readRunFile } from '../../../src/run-file.ts'
import { Peer } from '../../helpers/peer.ts'
import { freePort } from '../../helpers/ports.ts'
import { httpGet, parseMetrics, samplesOf } from '../../helpers/scrape.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const LINE = /Metrics: http:\/\/127\.0\.0\.1:(\d+)\/metrics \(token (?:in (.+)|as given)\)/

async function start(t: Assertions, cwd: string, flags: readonly string[] = []) {
  const local = ['--local', '--local-port', String(await freePort()), '--log-level', 'debug']
  const peer = new Peer(t, { cwd, args: [...local, '--metrics', '1', '--metrics-port', '0', ...flags] })
  const [, port = '', file = ''] = await peer.saw(LINE)
  return { peer, port: Number(port), file }
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` }
}

test('a node without the bridge is scraped', { timeout: 120_000 }, async (t) => {
  const cwd = temporaryFolder(t)
  const { peer, port, file } = await start(t, cwd)
  await peer.saw('Sidechannel: ready')
  t.ok(path.isAbsolute(file) && file.endsWith(path.join('stores', 'peer', 'sc-bridge.token')), file)
  t.is(fs.statSync(file).mode & 0o777, 0o600)
  const token = fs.readFileSync(file, 'utf-8').trim()
  t.is(token.length, 64)

  const none = await httpGet(port, '/metrics')
  t.is(none.status, 401)
  t.is(none.headers['www-authenticate'], 'Bearer')
  for (const authorization of [
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    `Basic ${token}`,
    token,
    'Bearer'
  ])
    t.is(
      (await httpGet(port, '/metrics', { Authorization: authorization })).status,
      401,
      authorization.slice(0, 8)
    )
  t.is((await httpGet(port, `/metrics?token=${token}`)).status, 400, 'where a log would keep it')

  const rebound = await httpGet(port, '/metrics', { ...bearer(token), Host: `evil.example:${port}` })
  t.is(rebound.status, 403)
  t.is((await httpGet(port, '/healthz', { Host: `evil.example:${port}` })).status, 403)
  const page = await httpGet(port, '/metrics', { ...bearer(token), Origin: 'http://evil.example' })
  t.is(page.status, 403)
  t.is((await httpGet(port, '/metrics', { ...bearer(token), Host: `localhost:${port}` })).status, 200)
  t.is((await httpGet(port, '/', bearer(token))).status, 404)

  const answer = await httpGet(port, '/metrics', bearer(token))
  t.is(answer.status, 200)
  t.is(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  const families = parseMetrics(answer.body)
  for (const name of [
    'build_info',
    'uptime_seconds',
    'dht_reachable',
    'store_bytes',
    'sidechannel_dropped_total'
  ])
    t.ok((families.get(`intercom_${name}`)?.samples.size ?? 0) > 0, name)
  const samples = samplesOf(answer.body)
  t.is(samples.get('intercom_dht_reachable'), 1)
  t.is(samples.get('intercom_dht_hosting'), 1)
  t.is(samples.get('intercom_sidechannel_channels'), 1)
  t.ok((samples.get('intercom_auth_failures_total{server="metrics"}') ?? 0) >= 2, 'those that were wrong')
  t.ok((samples.get('intercom_resident_memory_bytes') ?? 0) > 1e7)
  t.ok((samples.get('intercom_event_loop_lag_seconds_count') ?? 0) > 0)

  const health = await httpGet(port, '/healthz')
  t.is(health.status, 200)
  const { status, uptimeSeconds, ...more } = JSON.parse(health.body)
  t.is(status, 'ok')
  t.ok(Number.isInteger(uptimeSeconds))
  t.alike(more, {}, 'and nothing else')

  const run = readRunFile(path.join(cwd, 'stores', 'peer'))
  t.is(run.state, 'running')
  t.alike(run.info?.metrics, { host: '127.0.0.1', port, tls: false })
  t.is(run.info?.bridge, null)
  t.ok((run.info?.readyAt ?? 0) >= (run.info?.startedAt ?? 0))
  t.is(run.info?.tokenFile, file)
  t.absent(fs.readFileSync(path.join(cwd, 'stores', 'peer', 'run.json'), 'utf-8').includes(token))

  t.is((await peer.stop()).code, 0)
  t.absent((peer.output + peer.errors).includes(token), 'the token is nowhere in what was printed')
  t.is(readRunFile(path.join(cwd, 'stores', 'peer')).state, 'absent')
})

test('what a killed node leaves is known to be stale, and the next one takes over', {
  timeout: 50_000
}, async (t) => {
  const cwd = temporaryFolder(t)
  const store = path.join(cwd, 'stores', 'peer')
  const first = await start(t, cwd)
  const token = fs.readFileSync(first.file, 'utf-8')
  t.is(readRunFile(store).info?.pid, first.peer.pid)
  await first.peer.kill()
  t.is(readRunFile(store).state, 'dead')

  const second = await start(t, cwd)
  const { state, info } = readRunFile(store)
  t.is(state, 'running')
  t.is(info?.pid, second.peer.pid)
  t.is(info?.metrics?.port, second.port)
  t.is(fs.readFileSync(second.file, 'utf-8'), token, 'with the same token')
  t.is((await httpGet(second.port, '/metrics', bearer(token.trim()))).status, 200)

  const busy = ['start', 'other', '--metrics', '1', '--metrics-port', String(second.port)]
  const third = new Peer(t, { cwd, args: [...busy, '--local', '--local-port', String(await freePort())] })
  t.is((await third.exited).code, 1)
  t.ok(third.errors.includes('--metrics-port'), third.errors)
  t.absent(third.output.includes('Metrics:'))
  t.is(readRunFile(path.join(cwd, 'stores', 'other')).state, 'absent')
  await second.peer.stop()
})

test('tokens that may read, and listening beyond this machine', { timeout: 120_000 }, async (t) => {
  const cwd = temporaryFolder(t)
  const main = 'the-main-token-0123456789'
  const reader = 'the-reading-token-0123456789'
  const sender = 'the-sending-token-0123456789'
  const more = JSON.stringify({
    [reader]: { capabilities: ['read'], channels: ['none'] },
    [sender]: ['send']
  })
  fs.writeFileSync(path.join(cwd, 'tokens.json'), more)
  const flags = ['--sc-bridge-token', main, '--sc-bridge-tokens', '@tokens.json']
  const { peer, port } = await start(t, cwd, [...flags, '--metrics-host', 'localhost'])
  t.is((await httpGet(port, '/metrics', bearer(main))).status, 200)
  t.is((await httpGet(port, '/metrics', bearer(reader))).status, 200)
  const refused = await httpGet(port, '/metrics', bearer(sender))
  t.is(refused.status, 403)
  t.is(readRunFile(path.join(cwd, 'stores', 'peer')).info?.tokenFile, null)
  t.absent(fs.existsSync(path.join(cwd, 'stores', 'peer', 'sc-bridge.token')))
  await peer.stop()
  for (const token of [main, reader, sender]) t.absent((peer.output + peer.errors).includes(token))

  const open = new Peer(t, { cwd, args: ['--local', '--metrics', '1', '--metrics-host', '0.0.0.0'] })
  t.is((await open.exited).code, 2)
  t.ok(open.errors.includes('--sc-bridge-insecure-remote 1'), open.errors)
})
