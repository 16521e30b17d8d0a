import fs from '#fs'
import net from '#net'
import process from '#process'
import { renderMetrics } from '../../../src/metrics/render.ts'
import type { OpenedBridge } from '../../helpers/bridge.ts'
import { upgradeRequest } from '../../helpers/raw-websocket.ts'

/** How many may wait to authenticate (spec/bridge 2.1). */
export const MOST_PENDING = 64

export interface FloodReport {
  /** Connections that came to their end. */
  readonly connections: number
  /** Of those, upgraded to a WebSocket. */
  readonly upgraded: number
  /** The most that waited to authenticate at a time. */
  readonly mostPending: number
}

/** So many connections that never authenticate, so many of them at a time: each stays until it is thrown out. */
export async function flood(node: OpenedBridge, count: number, atATime: number): Promise<FloodReport> {
  let [begun, connections, upgraded, mostPending] = [0, 0, 0, 0]
  const open = new Set<ReturnType<typeof net.connect>>()
  const runners = Array.from({ length: atATime }, async () => {
    while (begun < count) {
      begun++
      const socket = net.connect(node.port, '127.0.0.1')
      open.add(socket)
      if (await linger(socket, node.port)) upgraded++
      open.delete(socket)
      connections++
      mostPending = Math.max(mostPending, pendingOf(node))
      // Nobody comes any more who would throw these out before their time is up.
      if (begun === count && open.size <= MOST_PENDING) for (const rest of open) rest.destroy()
    }
  })
  await Promise.all(runners)
  return { connections, upgraded, mostPending }
}

/** Asks for a WebSocket and says nothing more; resolves once it is over. */
function linger(socket: ReturnType<typeof net.connect>, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    let wasUpgraded = false
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
