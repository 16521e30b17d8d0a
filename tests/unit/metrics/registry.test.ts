import test from 'brittle'
import fc from 'fast-check'
import { FAMILY_NAMES, familySpec, mostSeries } from '../../../src/metrics/families.ts'
import { Metrics, perLabel } from '../../../src/metrics/registry.ts'
import { renderMetrics } from '../../../src/metrics/render.ts'
import { parseMetrics, samplesOf } from '../../helpers/scrape.ts'

function create(): { metrics: Metrics; faults: unknown[] } {
  const faults: unknown[] = []
  return { metrics: new Metrics((error) => faults.push(error)), faults }
}

function thrown(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return null
}

test('counters are there from the start, rise, and never fall', (t) => {
  const { metrics } = create()
  const failures = metrics.counter('auth_failures_total')
  t.is(samplesOf(renderMetrics(metrics)).get('intercom_auth_failures_total{server="bridge"}'), 0)
  failures.add({ server: 'bridge' })
  failures.add({ server: 'bridge' }, 2)
  metrics.counter('auth_failures_total').at({ server: 'metrics' })()
  const samples = samplesOf(renderMetrics(metrics))
  t.is(samples.get('intercom_auth_failures_total{server="bridge"}'), 3)
  t.is(samples.get('intercom_auth_failures_total{server="metrics"}'), 1, 'held by two, one and the same')
  t.ok(thrown(() => failures.add({ server: 'bridge' }, -1)) instanceof RangeError)
  t.ok(thrown(() => failures.at({ server: 'bridge' })(Number.NaN)) instanceof RangeError)
  t.is(samplesOf(renderMetrics(metrics)).get('intercom_auth_failures_total{server="bridge"}'), 3)
})

test('collectors are asked at each scrape, until they are ended', (t) => {
  const { metrics } = create()
  let connections = 3
  const end = metrics.collect(() => ({
    connections,
    neighbour_bytes_total: perLabel('direction', { in: 10, out: 20 }),
    clock_offset_seconds: null
  }))
  t.is(samplesOf(renderMetrics(metrics)).get('intercom_connections'), 3)
  connections = 4
  const samples = samplesOf(renderMetrics(metrics))
  t.is(samples.get('intercom_connections'), 4)
  t.is(samples.get('intercom_neighbour_bytes_total{direction="out"}'), 20)
  t.absent(renderMetrics(metrics).includes('clock_offset'), 'nothing is said of what is not known')
  end()
  t.absent(renderMetrics(metrics).includes('intercom_connections'))
})

test('several that name the same series add up', (t) => {
  const { metrics } = create()
  metrics.counter('bridge_requests_total').add({ type: 'send', code: 'ok' })
  metrics.collect(() => ({ bridge_requests_total: [[{ type: 'send', code: 'ok' }, 2]] }))
  metrics.collect(() => ({ bridge_requests_total: [[{ type: 'send', code: 'ok' }, 4]] }))
  t.is(samplesOf(renderMetrics(metrics)).get('intercom_bridge_requests_total{type="send",code="ok"}'), 7)
})

test('a collector that fails is counted, reported once, and keeps nobody else from answering', (t) => {
  const { metrics, faults } = create()
  let broken = true
  metrics.collect(() => {
    if (broken) throw new Error('no such thing')
    return { connections: 1 }
  })
  metrics.collect(() => ({ topics: 5 }))
  renderMetrics(metrics)
  renderMetrics(metrics)
  const samples = samplesOf(renderMetrics(metrics))
  t.is(samples.get('intercom_topics'), 5)
  t.is(samples.get('intercom_connections'), undefined)
  t.is(samples.get('intercom_collect_failures_total'), 3, 'this time included')
  t.is(faults.length, 1)
  broken = false
  t.is(samplesOf(renderMetrics(metrics)).get('intercom_connections'), 1)
  broken = true
  renderMetrics(metrics)
  t.is(faults.length, 2, 'it worked in between')
})

test('histograms count by bucket, sum up and end with infinity', (t) => {
  const { metrics } = create()
  const lag = metrics.histogram('event_loop_lag_seconds')
  for (const value of [0.0005, 0.001, 0.03, 7, 7, Number.NaN]) lag.observe(value)
  const samples = samplesOf(renderMetrics(metrics))
  const bucket = (le: string) => samples.get(`intercom_event_loop_lag_seconds_bucket{le="${le}"}`)
  t.is(bucket('0.001'), 2, 'a bound is within its bucket')
  t.is(bucket('0.025'), 2)
  t.is(bucket('0.05'), 3)
  t.is(bucket('5'), 3)
  t.is(bucket('+Inf'), 5)
  t.is(samples.get('intercom_event_loop_lag_seconds_count'), 5)
  t.ok(Math.abs((samples.get('intercom_event_loop_lag_seconds_sum') ?? 0) - 14.0315) < 1e-9)
})

test('whatever is given as the value of a label, the series have an end', (t) => {
  const labelled = FAMILY_NAMES.filter((name) => Object.keys(familySpec(name).labels).length > 0)
  fc.assert(
    fc.property(
      fc.constantFrom(...labelled),
      fc.array(fc.array(fc.string(), { minLength: 3, maxLength: 3 }), { maxLength: 60 }),
      (name, given) => {
        const { metrics } = create()
        metrics.collect(() => {
          const samples = given.map((values) => [labelsOf(name, values), 1])
          return { [name]: samples } as never
        })
        const family = parseMetrics(renderMetrics(metrics)).get(`intercom_${name}`)
        return (family?.samples.size ?? 0) <= mostSeries(name)
      }
    )
  )
  const { metrics } = create()
  const requests = metrics.counter('bridge_requests_total')
  for (let i = 0; i < 1000; i++) requests.add({ type: `secret-channel-${i}`, code: `x${i}` } as never)
  const text = renderMetrics(metrics)
  t.is(samplesOf(text).get('intercom_bridge_requests_total{type="other",code="other"}'), 1000)
  t.absent(text.includes('secret-channel'))
  t.is(parseMetrics(text).get('intercom_bridge_requests_total')?.samples.size, 1)
})

function labelsOf(name: (typeof FAMILY_NAMES)[number], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Object.keys(familySpec(name).labels).map((label, at) => [label, values[at] ?? ''])
  )
}

test('a label with one value keeps the one that came first', (t) => {
  const { metrics } = create()
  const build = metrics.gauge('build_info')
  build.set({ version: '1.2.3', runtime: 'bare', runtime_version: 'v1' }, 1)
  build.set({ version: '9.9.9', runtime: 'bare', runtime_version: 'v1' }, 1)
  const { samples } = parseMetrics(renderMetrics(metrics)).get('intercom_build_info') ?? {
    samples: new Map()
  }
  t.alike([...samples], [['intercom_build_info{version="1.2.3",runtime="bare",runtime_version="v1"}', 1]])
})
