import process from '#process'
import type { Throttle } from '../access/throttle.ts'
import type { Authenticate } from '../access/tokens.ts'
import type { Log } from '../base/log.ts'
import { createComplaint } from '../http/complaint.ts'
import { bearerToken } from '../http/gate.ts'
import type { GuardedServer, RouteHandler } from '../http/guarded-server.ts'
import { textReply } from '../http/reply.ts'
import type { LabelsOf } from './families.ts'
import type { Health } from './health.ts'
import type { Metrics } from './registry.ts'
import { METRICS_TYPE, renderMetrics } from './render.ts'
import type { Vitals } from './vitals.ts'

// A scraper that has the wrong token should read that within its own time, ten seconds as a rule.
const MOST_DELAY_MS = 5000

export interface MetricsRouteOptions {
  readonly metrics: Metrics
  readonly authenticate: Authenticate
  readonly throttle: Throttle
  readonly log: Log
  /** Where the route is mounted. */
  readonly server: LabelsOf<'auth_failures_total'>['server']
}

/**
 * `GET /metrics`, for tokens that may read. A right token is answered at once; what follows a wrong one waits
 * longer each time.
 */
export function metricsRoute({
  metrics,
  authenticate,
  throttle,
  log,
  server
}: MetricsRouteOptions): RouteHandler {
  const failures = metrics.counter('auth_failures_total')
  const complain = createComplaint(log, 'a wrong token was given for /metrics', now)
  return async ({ headers, lease }) => {
    const token = bearerToken(headers)
    // Whoever brings none has not guessed.
    if (token === null) return textReply(401, 'Send the token: "Authorization: Bearer <token>".')
    const access = authenticate(token)
    if (access === null) {
      failures.add({ server })
      complain({ address: lease.remoteAddress })
      await delay(Math.min(MOST_DELAY_MS, throttle.fail(lease.remoteAddress, now())))
      return textReply(401, 'Unauthorized.')
    }
    lease.release()
    if (!access.capabilities.has('read')) return textReply(403, 'This token may not read.')
    return { status: 200, contentType: METRICS_TYPE, body: renderMetrics(metrics) }
  }
}

/** `GET /healthz`, for everybody: whether the node is well, and nothing else about it. */
export function healthRoute(node: { health(): Health }): RouteHandler {
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

/** In a clock that setting the time does not move. */
function now(): number {
  return process.uptime() * 1000
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    // An end of the process does not wait for a wrong answer.
    setTimeout(resolve, ms).unref()
  })
}
