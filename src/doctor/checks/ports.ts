import net from '#net'
import { IntercomError } from '../../base/errors.ts'
import { listen } from '../../http/listen.ts'
import type { Listening } from '../../run-file.ts'
import { type Finding, fail, ok, warn, worst } from '../finding.ts'
import type { Visit } from '../visit.ts'

interface Server {
  readonly name: string
  readonly flag: string
  /** Where it is to listen; null: it is not asked for. */
  readonly wanted: { readonly host: string; readonly port: number } | null
  /** Where the running node has it. */
  readonly here: Listening | null
}

export async function ports(visit: Visit): Promise<Finding> {
  const servers = serversOf(visit).filter(({ wanted, here }) => wanted !== null || here !== null)
  const findings = await Promise.all(servers.map((server) => look(server, visit.run.state === 'running')))
  const bad = findings.filter(({ status }) => status !== 'ok')
  if (bad.length > 0) return worst(bad, ok(''))
  return ok(findings.map(({ says }) => says).join(' ') || 'No server is asked for.')
}

function serversOf({ config, run }: Visit): Server[] {
  const info = run.state === 'running' ? run.info : null
  const at = (on: boolean, host: string, port: number) => (on ? { host, port } : null)
  return [
    {
      ...{ name: 'SC-Bridge', flag: '--sc-bridge', here: info?.bridge ?? null },
      wanted: at(config.scBridge, config.scBridgeHost, config.scBridgePort)
    },
    {
      ...{ name: 'Metrics', flag: '--metrics', here: info?.metrics ?? null },
      wanted: at(config.metrics, config.metricsHost, config.metricsPort)
    },
    {
      ...{ name: 'RPC', flag: '--rpc', here: info?.rpc ?? null },
      wanted: at(config.rpc, config.rpcHost, config.rpcPort)
    }
  ]
}

async function look({ name, flag, wanted, here }: Server, runs: boolean): Promise<Finding> {
  if (here !== null) return ok(`${name}: this node has port ${here.port}.`)
  if (wanted === null) return ok('')
  if (runs)
    return warn(
      `${name} is asked for, and the running node has none.`,
      'Restart the node: it was started with other flags, or is still starting.'
    )
  if (wanted.port === 0) return ok(`${name}: any free port.`)
  const server = net.createServer()
  try {
    await listen(server, wanted, { host: `${flag}-host`, port: `${flag}-port` })
    return ok(`${name}: port ${wanted.port} is free.`)
  } catch (error) {
    if (!(error instanceof IntercomError)) throw error
    return fail(error.message, error.next)
  } finally {
    await new Promise<void>((resolve) => {
      if (server.listening) server.close(() => resolve())
      else resolve()
    })
  }
}
