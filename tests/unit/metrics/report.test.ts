import test from 'brittle'
import { createLog } from '../../../src/base/log.ts'
import { type Health, healthOf } from '../../../src/metrics/health.ts'
import { Metrics } from '../../../src/metrics/registry.ts'
import { Report } from '../../../src/metrics/report.ts'
import { Vitals } from '../../../src/metrics/vitals.ts'
import { Heard } from '../../helpers/heard.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const WELL = {
  uptimeMs: 125_000,
  dhtReachable: true,
  lostShare: 0,
  storeWritable: true,
  freeBytes: 1e9,
  announced: true,
  subnetRuns: true,
  subnetSplit: false
}

test('a line every so often: what is, and what came since the one before', async (t) => {
  const lines = new Heard<string>()
  const log = createLog({ level: 'info', json: true, now: Date.now, write: (line) => lines.add(line) })
  const metrics = new Metrics((error) => t.fail(String(error)))
  const vitals = new Vitals({ metrics, folder: temporaryFolder(t), log })
  t.teardown(() => vitals.close())
  metrics.collect(() => ({
    connections: 3,
    sidechannel_channels: 2,
    resident_memory_bytes: 100 * 1024 * 1024
  }))
  const messages = metrics.counter('sidechannel_messages_total')
  const dropped = metrics.counter('sidechannel_dropped_total')
  let health: Health = healthOf(WELL)
  const node = { metrics, vitals, log, uptime: () => 125_400, health: () => health }
  // The timer of the report does not keep a process alive.
  const alive = setInterval(() => {}, 60_000)
  t.teardown(() => clearInterval(alive))

  messages.add({ direction: 'relayed' }, 5)
  const report = new Report(node, 20)
  await lines.count(1)
  messages.add({ direction: 'relayed' }, 7)
  messages.add({ direction: 'received' }, 1)
  dropped.add({ reason: 'duplicate' }, 2)
  dropped.add({ reason: 'stale' }, 1)
  health = healthOf({ ...WELL, dhtReachable: false, storeWritable: false })
  await lines.count(2)
  await report.close()
  await report.close()
  const [first, second] = lines.all.map((line) => JSON.parse(line))
  const state = { neighbours: 3, channels: 2, memoryMiB: 100, uptimeSeconds: 125 }
  for (const [key, value] of Object.entries({
    ...state,
    area: 'report',
    health: 'ok',
    relayed: 5,
    dropped: 0
  }))
    t.is(first[key], value, key)
  const since = { health: 'degraded', failed: 'dht,store', received: 1, relayed: 7, dropped: 3 }
  for (const [key, value] of Object.entries(since)) t.is(second[key], value, key)
  t.ok(vitals.watched, 'so that the event loop is judged')
})
