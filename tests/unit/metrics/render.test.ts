import test from 'brittle'
import { Metrics } from '../../../src/metrics/registry.ts'
import { numberText, renderMetrics } from '../../../src/metrics/render.ts'
import { parseMetrics } from '../../helpers/scrape.ts'

test('the text of a family, to the letter', (t) => {
  const metrics = new Metrics(() => {})
  metrics.collect(() => ({ dht_reachable: 1, neighbour_bytes_total: [[{ direction: 'in' }, 1234567890123]] }))
  t.is(
    renderMetrics(metrics),
    [
      '# HELP intercom_collect_failures_total How often something could not be measured; the log says why.',
      '# TYPE intercom_collect_failures_total counter',
      'intercom_collect_failures_total 0',
      '# HELP intercom_neighbour_bytes_total Bytes exchanged with neighbours, on the wire.',
      '# TYPE intercom_neighbour_bytes_total counter',
      'intercom_neighbour_bytes_total{direction="in"} 1234567890123',
      '# HELP intercom_dht_reachable 1 when the DHT answers.',
      '# TYPE intercom_dht_reachable gauge',
      'intercom_dht_reachable 1',
      ''
    ].join('\n')
  )
})

test('values of labels cannot leave their quotes', (t) => {
  const metrics = new Metrics(() => {})
  const version = 'a"} 1\nintercom_forged 1\\'
  metrics.gauge('build_info').set({ version, runtime: 'node', runtime_version: '' }, 1)
  const text = renderMetrics(metrics)
  t.ok(text.includes('version="a\\"} 1\\nintercom_forged 1\\\\"'), text)
  t.is(parseMetrics(text).get('intercom_build_info')?.samples.size, 1)
})

test('numbers are written as scrapers read them', (t) => {
  t.is(numberText(0.1), '0.1')
  t.is(numberText(1e21), '1e+21')
  t.is(numberText(-3), '-3')
  t.is(numberText(Number.POSITIVE_INFINITY), '+Inf')
  t.is(numberText(Number.NEGATIVE_INFINITY), '-Inf')
  t.is(numberText(Number.NaN), 'NaN')
})
