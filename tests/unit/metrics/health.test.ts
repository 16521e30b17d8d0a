import test from 'brittle'
import fc from 'fast-check'
import { CHECKS, healthOf, type NodeState } from '../../../src/metrics/health.ts'

const WELL: NodeState = {
  uptimeMs: 3_600_000,
  dhtReachable: true,
  lostShare: 0.01,
  storeWritable: true,
  freeBytes: 1e10,
  announced: true,
  subnetRuns: true,
  subnetSplit: false
}

test('a node is well, not well, or not there yet', (t) => {
  const rows: [change: Partial<NodeState>, status: string, failed: readonly string[]][] = [
    [{}, 'ok', []],
    [{ uptimeMs: 500 }, 'ok', []],
    [{ lostShare: null, freeBytes: null, announced: null, subnetRuns: null, subnetSplit: null }, 'ok', []],
    [{ dhtReachable: null, uptimeMs: 500 }, 'starting', []],
    [{ dhtReachable: null, announced: false, uptimeMs: 500 }, 'starting', ['sidechannels']],
    [{ dhtReachable: false, announced: false, uptimeMs: 30_000 }, 'starting', ['dht', 'sidechannels']],
    [{ announced: false, uptimeMs: 30_000 }, 'starting', ['sidechannels']],
    [{ announced: false, uptimeMs: 90_000 }, 'degraded', ['sidechannels']],
    [{ dhtReachable: null }, 'degraded', []],
    [{ dhtReachable: false }, 'degraded', ['dht']],
    [{ dhtReachable: false, uptimeMs: 30_000 }, 'degraded', ['dht']],
    [{ lostShare: 0.5 }, 'degraded', ['event_loop']],
    [{ storeWritable: false }, 'degraded', ['store']],
    [{ freeBytes: 1000 }, 'degraded', ['disk']],
    [{ subnetRuns: false }, 'degraded', ['subnet']],
    [{ subnetSplit: true }, 'degraded', ['subnet']],
    [{ dhtReachable: null, storeWritable: false, uptimeMs: 500 }, 'degraded', ['store']]
  ]
  for (const [change, status, failed] of rows) {
    const health = healthOf({ ...WELL, ...change })
    t.is(health.status, status, JSON.stringify(change))
    t.alike(
      CHECKS.filter((name) => health.checks[name].ok === false),
      failed,
      JSON.stringify(change)
    )
  }
})

test('each check says what is the matter', (t) => {
  const well = healthOf(WELL)
  const ill = healthOf({
    ...WELL,
    dhtReachable: false,
    lostShare: 1,
    storeWritable: false,
    freeBytes: 0,
    announced: false,
    subnetRuns: false
  })
  const unknown = healthOf({ ...WELL, freeBytes: null })
  for (const name of CHECKS) t.not(well.checks[name].detail, ill.checks[name].detail, name)
  t.alike(unknown.checks.disk, { ok: null, detail: 'not known yet' })
  t.is(ill.uptimeSeconds, 3600)
  const splitOff = healthOf({ ...WELL, subnetSplit: true }).checks.subnet.detail
  t.ok(splitOff.startsWith('state_split: '), splitOff)
  t.not(splitOff, ill.checks.subnet.detail)
})

test('it is ok only while nothing fails', (t) => {
  const maybe = fc.option(fc.boolean())
  fc.assert(
    fc.property(
      fc.record({
        uptimeMs: fc.nat(200_000),
        dhtReachable: maybe,
        lostShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
        storeWritable: maybe,
        freeBytes: fc.option(fc.nat()),
        announced: maybe,
        subnetRuns: maybe,
        subnetSplit: maybe
      }),
      (state) => {
        const { status, checks } = healthOf(state)
        const failed = CHECKS.some((name) => checks[name].ok === false)
        return status === 'ok' ? !failed && checks.dht.ok === true : true
      }
    )
  )
  t.pass()
})
