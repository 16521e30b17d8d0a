import path from '#path'
import { bridgeLine, metricsLine, rpcLine } from './banner.ts'
import type { IntercomNode } from './node.ts'

interface Server {
  ready(): Promise<void>
  close(): Promise<void>
}

export interface ServersHost {
  /** Resolves once it listens; it is closed by whoever opens it. */
  open(server: Server): Promise<void>
  isEnding(): boolean
}

/** What programs reach this node by, loaded where it is asked for; a line for each says where. */
export async function openServers(node: IntercomNode, host: ServersHost): Promise<string[]> {
  const lines: string[] = []
  if (!host.isEnding()) lines.push(...(await openControl(node, host)))
  if (!host.isEnding()) lines.push(...(await openRpc(node, host)))
  return lines
}

/** Bridge and metrics, which have one token. */
async function openControl(node: IntercomNode, host: ServersHost): Promise<string[]> {
  const { scBridge, metrics } = node.config
  const lines: string[] = []
  if (!scBridge && !metrics) return lines
  const { openAccess } = await import('./access/access.ts')
  const access = await openAccess(node)
  const tokenFile = absolute(access.main.file)
  if (scBridge) {
    const { ScBridge } = await import('../features/sc-bridge/bridge.ts')
    const bridge = new ScBridge(node, access)
    await host.open(bridge)
    await node.store.runFile.update({ bridge: bridge.listening, tokenFile })
    lines.push(bridgeLine(bridge.listening, tokenFile))
  }
  if (metrics && !host.isEnding()) {
    const { MetricsServer } = await import('../features/metrics/metrics-server.ts')
    const server = new MetricsServer(node, access)
    await host.open(server)
    await node.store.runFile.update({ metrics: server.listening, tokenFile })
    lines.push(metricsLine(server.listening, tokenFile))
  }
  return lines
}

async function openRpc(node: IntercomNode, host: ServersHost): Promise<string[]> {
  const { rpc, rpcPublic, apiTxExposed } = node.config
  if (!rpc) {
    if (apiTxExposed) node.log.warn('--api-tx-exposed has no effect without --rpc 1')
    return []
  }
  const [{ openRpcAccess }, { RpcServer }] = await Promise.all([
    import('./access/access.ts'),
    import('../features/rpc/rpc-server.ts')
  ])
  const access = await openRpcAccess(node)
  if (rpcPublic) node.log.warn('the RPC answers everybody who can reach it: --rpc-public 1')
  const rpcTokenFile = absolute(access.token?.file ?? null)
  const server = new RpcServer(node, access)
  await host.open(server)
  await node.store.runFile.update({ rpc: server.listening, rpcTokenFile })
  return [rpcLine(server.listening, rpcPublic ? undefined : rpcTokenFile)]
}

/** Whoever reads it may be in another folder. */
function absolute(file: string | null): string | null {
  return file === null ? null : path.resolve(file)
}
