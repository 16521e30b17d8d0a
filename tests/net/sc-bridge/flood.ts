import fs from '#fs'
import net from '#net'
import process from '#process'
import { renderMetrics } from '../../../src/metrics/render.ts'
import type { OpenedBridge } from '../../helpers/bridge.ts'
import { upgradeRequest } from '../../helpers/raw-websocket.ts'

export interface FloodReport {
  /** Connections that were made. */
  readonly connections: number
  /** Of those, upgraded to a WebSocket. */
  readonly upgraded: number
  /** The most that waited to authenticate at a time. */
  readonly mostPending: number
}

/** So many connections that never authenticate, so many of them at a time: each stays until it is thrown out. */
export async function flood(node: OpenedBridge, count: number, atATime: number): Promise<FloodReport> {
  let [begun, connections, upgraded, mostPending] = [0, 0, 0, 0]
  const runners = Array.from({ length: atATime }, async () => {
    while (begun < count) {
      begun++
      const wasUpgraded = await linger(node.port)
      connections++
      if (wasUpgraded) upgraded++
      mostPending = Math.max(mostPending, pendingOf(node))
    }
  })
  await Promise.all(runners)
  return { connections, upgraded, mostPending }
}

/** Connects, asks for a WebSocket, says nothing more; resolves once it is over. */
function linger(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    let wasUpgraded = false
    const socket = net.connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.on('connect', () => socket.write(upgradeRequest(port, {})))
    socket.on('data', () => {
      wasUpgraded = true
    })
    socket.on('end', () => socket.destroy())
    socket.on('close', () => resolve(wasUpgraded))
  })
}

export function pendingOf({ node }: OpenedBridge): number {
  const [, count] = /bridge_clients\{state="pending"\} (\d+)/.exec(renderMetrics(node.metrics)) ?? []
  if (count === undefined) throw new Error('the metrics do not say')
  return Number(count)
}

/** What this process holds: bytes of memory and, where the system tells, open files and sockets. */
export function holdings(): { readonly rss: number; readonly handles: number | null } {
  const folder = '/proc/self/fd'
  return {
    rss: process.memoryUsage().rss,
    handles: fs.existsSync(folder) ? fs.readdirSync(folder).length : null
  }
}
