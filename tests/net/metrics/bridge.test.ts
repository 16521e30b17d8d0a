import test from 'brittle'
import { openBridge, TOKEN } from '../../helpers/bridge.ts'
import { httpGet, parseMetrics, samplesOf } from '../../helpers/scrape.ts'
import { startDht } from '../../helpers/swarm.ts'

test('the port of the bridge serves the same', { timeout: 120_000 }, async (t) => {
  const { port, node } = await openBridge(t, await startDht(t))
  const headers = { Authorization: `Bearer ${TOKEN}` }
  t.is((await httpGet(port, '/metrics')).status, 401)
  t.is((await httpGet(port, '/metrics', { Authorization: 'Bearer no-such-token' })).status, 401)
  t.is((await httpGet(port, '/metrics', { ...headers, Host: 'evil.example' })).status, 403)
  const { status, body } = await httpGet(port, '/metrics', headers)
  t.is(status, 200)
  const samples = samplesOf(body)
  t.is(samples.get('intercom_auth_failures_total{server="bridge"}'), 1)
  t.is(samples.get('intercom_bridge_clients{state="authenticated"}'), 0)
  t.is(samples.get('intercom_bridge_history_messages'), 0)
  t.ok(parseMetrics(body).has('intercom_event_loop_lag_max_seconds'), 'the event loop is watched')
  const health = await httpGet(port, '/healthz')
  t.is(JSON.parse(health.body).status, node.health().status)
})
