import test, { type Assertions } from 'brittle'
import { Throttle } from '../../../src/access/throttle.ts'
import { createAuthenticate, FULL_ACCESS, parseTokens } from '../../../src/access/tokens.ts'
import { createLog } from '../../../src/base/log.ts'
import { healthOf } from '../../../src/metrics/health.ts'
import { Metrics } from '../../../src/metrics/registry.ts'
import { healthRoute, metricsRoute } from '../../../src/metrics/routes.ts'

const MAIN = 'the-main-token-0123456789'
const SENDER = 'the-sending-token-0123456'

/** Says who was put off for how long, and puts nobody off. */
class Watched extends Throttle {
  readonly delays: string[] = []

  override fail(address: string, now: number): number {
    this.delays.push(`${address} ${super.fail(address, now)}`)
    return 0
  }
}

function setUp(t: Assertions) {
  // What waits for its answer does not keep a process alive.
  const alive = setInterval(() => {}, 60_000)
  t.teardown(() => clearInterval(alive))
  const lines: string[] = []
  const log = createLog({ level: 'debug', json: false, now: () => 0, write: (line) => lines.push(line) })
  const throttle = new Watched()
  const tokens = [{ token: MAIN, access: FULL_ACCESS }, ...parseTokens(`{"${SENDER}": ["send"]}`)]
  const route = metricsRoute({
    metrics: new Metrics((error) => {
      throw error
    }),
    authenticate: createAuthenticate(tokens),
    ...{ throttle, log, server: 'metrics' }
  })
  let released = 0
  const ask = (authorization?: string, remoteAddress = '127.0.0.1') => {
    const release = () => {
      released++
      return true
    }
    const headers = authorization === undefined ? {} : { authorization }
    return route({ headers, lease: { remoteAddress, upgraded: () => {}, release, onend: null } })
  }
  return { ask, throttle, lines, released: () => released }
}

test('wrong tokens are counted, put off and told; right ones and none are not', async (t) => {
  const { ask, throttle, lines, released } = setUp(t)
  t.is((await ask()).status, 401)
  t.is((await ask('Basic abc')).status, 401)
  t.alike(throttle.delays, [], 'none was guessed')
  for (const guess of ['a', 'b', 'c']) t.is((await ask(`Bearer wrong-${guess}`)).status, 401)
  t.is((await ask('Bearer wrong', '::1')).status, 401)
  t.alike(throttle.delays, ['127.0.0.1 100', '127.0.0.1 200', '127.0.0.1 400', '::1 100'])
  t.is(released(), 0, 'they stay among the few that have not proven themselves')

  const answer = await ask(`bearer ${MAIN}`)
  t.is(answer.status, 200)
  t.is(released(), 1)
  t.ok(answer.body.includes('\nintercom_auth_failures_total{server="metrics"} 4\n'))
  t.is((await ask(`Bearer ${SENDER}`)).status, 403)
  t.is(throttle.delays.length, 4)

  t.is(lines.length, 1, 'nobody fills the log')
  t.ok(lines[0]?.includes('wrong token') && lines[0].includes('address=127.0.0.1'), lines[0])
  t.absent(lines.join().includes('wrong-a'), 'what was guessed is nearly a token')
})

test('health tells strangers nothing but how it is', async (t) => {
  const state = {
    ...{ uptimeMs: 90_500, lostShare: 0, storeWritable: true, freeBytes: 1e10 },
    ...{ announced: true, subnetRuns: true, subnetSplit: false }
  }
  const ask = async (dhtReachable: boolean | null, uptimeMs = state.uptimeMs) => {
    const route = healthRoute({ health: () => healthOf({ ...state, uptimeMs, dhtReachable }) })
    const { status, contentType, body } = route()
    t.is(contentType, 'application/json')
    return [status, JSON.parse(body)]
  }
  t.alike(await ask(true), [200, { status: 'ok', uptimeSeconds: 90 }])
  t.alike(await ask(false), [503, { status: 'degraded', uptimeSeconds: 90 }])
  t.alike(await ask(null, 1000), [503, { status: 'starting', uptimeSeconds: 1 }])
})
