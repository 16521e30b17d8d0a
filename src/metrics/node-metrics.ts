import process from '#process'
import type { Nat } from '../network/dht.ts'
import type { Network } from '../network/network.ts'
import type { PeerStore } from '../store/peer-store.ts'
import { readVersion } from '../version.ts'
import type { Health } from './health.ts'
import { type Metrics, perLabel } from './registry.ts'
import type { Vitals } from './vitals.ts'

export interface MeasuredNode {
  readonly metrics: Metrics
  readonly network: Network
  readonly store: PeerStore
  readonly vitals: Vitals
  readonly now: () => number
  uptime(): number
  health(): Health
}

/** Registers what is measured of the node itself. */
export function collectNode(node: MeasuredNode): void {
  const { metrics } = node
  let build: ReturnType<typeof buildLabels> | null = null
  metrics.collect(() => {
    build ??= buildLabels()
    const uptimeMs = node.uptime()
    return {
      build_info: [[build, 1]],
      start_time_seconds: (node.now() - uptimeMs) / 1000,
      uptime_seconds: uptimeMs / 1000,
      health: healthSamples(node.health())
    }
  })
  metrics.collect(processSamples)
  metrics.collect(() => networkSamples(node.network))
  metrics.collect(() => storeSamples(node.store, node.vitals))
}

function buildLabels() {
  const { versions, version } = process
  return {
    version: readVersion(),
    runtime: 'bare' in versions ? 'bare' : 'node',
    runtime_version: version
  } as const
}

function healthSamples({ checks }: Health) {
  const known = Object.entries(checks).flatMap(([name, { ok }]) =>
    ok === null ? [] : [[name, ok ? 1 : 0] as const]
  )
  return perLabel('check', Object.fromEntries(known) as Record<keyof typeof checks, number>)
}

function processSamples() {
  const { rss, heapUsed, heapTotal } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  return {
    cpu_seconds_total: perLabel('mode', { user: user / 1e6, system: system / 1e6 }),
    resident_memory_bytes: rss,
    heap_used_bytes: heapUsed,
    heap_total_bytes: heapTotal
  }
}

function networkSamples(network: Network) {
  const { reachable, hosting, nat, connections, topics } = network.status()
  const { opened, closed, bytes } = network.totals()
  const nats: Record<Nat, number> = { unknown: 0, open: 0, consistent: 0, random: 0 }
  nats[nat] = 1
  return {
    connections,
    connections_opened_total: opened,
    connections_closed_total: closed,
    neighbour_bytes_total: perLabel('direction', bytes),
    dht_reachable: reachable === true ? 1 : 0,
    dht_hosting: hosting ? 1 : 0,
    nat: perLabel('type', nats),
    topics
  }
}

function storeSamples({ runFile: { writable } }: PeerStore, { disk, lag, watched }: Vitals) {
  const use = watched ? disk.use() : null
  return {
    event_loop_lag_max_seconds: lag.maxSeconds(),
    store_bytes: use?.storeBytes ?? null,
    store_free_bytes: use?.freeBytes ?? null,
    store_writable: writable === null ? null : writable ? 1 : 0
  }
}
