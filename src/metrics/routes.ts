import { type Caller, createBearerCheck } from '../access/bearer.ts'
import type { Throttle } from '../access/throttle.ts'
import type { Authenticate } from '../access/tokens.ts'
import type { Log } from '../base/log.ts'
import type { GuardedServer } from '../http/guarded-server.ts'
import { type Reply, textReply } from '../http/reply.ts'
import type { LabelsOf } from './families.ts'
import type { Health } from './health.ts'
import type { Metrics } from './registry.ts'
import { METRICS_TYPE, renderMetrics } from './render.ts'
import type { Vitals } from './vitals.ts'

export interface MetricsRouteOptions {
  readonly metrics: Metrics
  readonly authenticate: Authenticate
  readonly throttle: Throttle
  readonly log: Log
  /** Where the route is mounted. */
  readonly server: LabelsOf<'auth_failures_total'>['server']
}

/** `GET /metrics`, for tokens that may read. */
export function metricsRoute({
  metrics,
  authenticate,
  throttle,
  log,
  server
}: MetricsRouteOptions): (caller: Caller) => Promise<Reply> {
  const failures = metrics.counter('auth_failures_total')
  const onwrong = () => failures.add({ server })
  const check = createBearerCheck({ authenticate, throttle, log, what: '/metrics', onwrong })
  return async (caller) => {
    const admitted = await check(caller)
    if (!admitted.ok) return admitted.refusal
    if (!admitted.access.capabilities.has('read')) return textReply(403, 'This token may not read.')
    return { status: 200, contentType: METRICS_TYPE, body: renderMetrics(metrics) }
  }
}

/** `GET /healthz`, for everybody: whether the node is well, and nothing else about it. */
export function healthRoute(node: { health(): Health }): () => Reply {
  return () => {
    const { status, uptimeSeconds } = node.health()
    const body = `${JSON.stringify({ status, uptimeSeconds })}\n`
    return { status: status === 'ok' ? 200 : 503, contentType: 'application/json', body }
  }
}

export interface MonitoredNode {
  readonly metrics: Metrics
  readonly vitals: Vitals
  health(): Health
}

/** Both routes on one of the node's servers; from now on somebody may ask. */
export function mountMonitoring(
  server: Pick<GuardedServer, 'get'>,
  node: MonitoredNode,
  options: Omit<MetricsRouteOptions, 'metrics'>
): void {
  server.get('/metrics', metricsRoute({ metrics: node.metrics, ...options }))
  server.get('/healthz', healthRoute(node))
  node.vitals.watch()
}
