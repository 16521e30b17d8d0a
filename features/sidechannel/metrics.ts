import process from '#process'
import { DropCounter } from '../../src/base/reasons.ts'
import { type Metrics, perLabel } from '../../src/metrics/registry.ts'
import type { Channel } from './channel.ts'
import type { Links } from './links.ts'
import type { Pipeline } from './pipeline.ts'
import type { WorkMeter } from './pow.ts'
import type { PendingRequests } from './requests.ts'

export interface MeasuredPlane {
  readonly channels: ReadonlyMap<unknown, Channel>
  readonly pending: PendingRequests
  readonly links: Links
  readonly pipeline: Pipeline
}

/** What was counted in all channels; in those that were left, too. */
export class Totals {
  readonly #left = { received: 0, sent: 0, relayed: 0 }
  readonly #drops = new DropCounter()

  /** The channel counts no further. */
  handleLeft(channel: Channel): void {
    addTo(this.#left, this.#drops, channel)
  }

  of(channels: Iterable<Channel>) {
    const counts = { ...this.#left }
    const drops = new DropCounter()
    drops.addAll(this.#drops)
    for (const channel of channels) addTo(counts, drops, channel)
    return { counts, drops: drops.counts() }
  }
}

function addTo(counts: Channel['counts'], drops: DropCounter, channel: Channel): void {
  counts.received += channel.counts.received
  counts.sent += channel.counts.sent
  counts.relayed += channel.counts.relayed
  drops.addAll(channel.drops)
}

/** Registers what is measured of the plane; returns what ends it. */
export function collectSidechannels(
  metrics: Metrics,
  plane: MeasuredPlane,
  totals: Totals,
  now: () => number
): () => void {
  return metrics.collect(() => {
    const { counts, drops } = totals.of(plane.channels.values())
    const links = [...plane.links.values()]
    const waiting = links.map(({ outbox }) => outbox.waiting)
    const clock = plane.pipeline.skew.estimate()
    return {
      sidechannel_channels: plane.channels.size,
      sidechannel_messages_total: perLabel('direction', counts),
      sidechannel_dropped_total: perLabel('reason', drops),
      sidechannel_open_requests: plane.pending.list().length,
      sidechannel_blocked_connections: links.filter(({ rate }) => rate.isBlocked(now())).length,
      sidechannel_outbox_messages: sum(waiting.map(({ messages }) => messages)),
      sidechannel_outbox_bytes: sum(waiting.map(({ bytes }) => bytes)),
      sidechannel_outbox_max_messages: Math.max(0, ...waiting.map(({ messages }) => messages)),
      sidechannel_outbox_max_bytes: Math.max(0, ...waiting.map(({ bytes }) => bytes)),
      clock_offset_seconds: clock === null ? null : clock.offsetMs / 1000,
      clock_offset_neighbours: clock?.neighbours ?? 0
    }
  })
}

/** For the work on every message of our own, controls included. */
export function createWorkMeter(metrics: Metrics): WorkMeter {
  const seconds = metrics.histogram('sidechannel_work_seconds')
  const hashes = metrics.counter('sidechannel_work_hashes_total')
  return {
    now: () => process.uptime() * 1000,
    handleFound(ms, count) {
      seconds.observe(ms / 1000)
      hashes.add({}, count)
    }
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
