import type { Log } from '../base/log.ts'
import { type Health, healthInShort } from './health.ts'
import type { Family, Metrics } from './registry.ts'
import type { Vitals } from './vitals.ts'

export interface ReportedNode {
  readonly metrics: Metrics
  readonly vitals: Vitals
  readonly log: Log
  uptime(): number
  health(): Health
}

/** What has been counted so far, of which a report tells what came since the one before. */
interface Counts {
  readonly received: number
  readonly relayed: number
  readonly dropped: number
}

/** A line of the log every so often: how the node is, for whoever reads only the log. */
export class Report {
  readonly #node: ReportedNode
  readonly #log: Log
  readonly #timer: ReturnType<typeof setInterval>
  #before: Counts = { received: 0, relayed: 0, dropped: 0 }

  constructor(node: ReportedNode, everyMs: number) {
    this.#node = node
    this.#log = node.log.area('report')
    node.vitals.watch()
    this.#timer = setInterval(() => this.say(), everyMs)
    // It is not what the process lives for.
    this.#timer.unref()
  }

  say(): void {
    const metrics = this.#node.metrics.families()
    const { status, failed } = healthInShort(this.#node.health())
    const now = countsOf(metrics)
    const before = this.#before
    this.#before = now
    this.#log.info('how the node is', {
      health: status,
      ...(failed.length > 0 && { failed: failed.map(({ check }) => check).join(',') }),
      neighbours: total(metrics, 'connections'),
      channels: total(metrics, 'sidechannel_channels'),
      received: now.received - before.received,
      relayed: now.relayed - before.relayed,
      dropped: now.dropped - before.dropped,
      memoryMiB: Math.round(total(metrics, 'resident_memory_bytes') / (1024 * 1024)),
      uptimeSeconds: Math.round(this.#node.uptime() / 1000)
    })
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
  }
}

function countsOf(families: readonly Family[]): Counts {
  return {
    received: total(families, 'sidechannel_messages_total', 'received'),
    relayed: total(families, 'sidechannel_messages_total', 'relayed'),
    dropped: total(families, 'sidechannel_dropped_total')
  }
}

/** Of all series of a family, or of those with that value of a label. */
function total(families: readonly Family[], name: Family['name'], label?: string): number {
  const series = families.find((family) => family.name === name)?.series ?? []
  return series
    .filter(({ labels }) => label === undefined || labels.includes(label))
    .reduce((sum, { value }) => sum + value, 0)
}
