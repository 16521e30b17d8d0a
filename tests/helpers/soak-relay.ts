// A quiet relay in a process of its own, for soak.ts. Arguments: DHT port, when it began, how much faster its
// clock goes, how many channels it has. Prints its key, then what it holds, as lines of JSON.
import process from '#process'
import { DROP_REASONS, type DropCounter, type DropReason } from '../../src/base/reasons.ts'
import { LOOPBACK } from '../../src/network/local-dht.ts'
import { openNode } from './node.ts'
import { type Sample, simulatedClock, soakChannels } from './soak-clock.ts'

const SAMPLE_EVERY = 500

const [port = 0, began = 0, factor = 1, channelCount = 1] = process.argv.slice(2).map(Number)
const flags = [
  ...['--sidechannel-quiet', '1', '--sidechannel-allow-remote-open', '0', '--sidechannel-auto-join', '0'],
  ...['--sidechannel-pow-entry', '1', '--sidechannel-welcome-required', '0', '--subnet', '0'],
  ...['--sidechannels', soakChannels(channelCount).join(',')]
]
// It is killed in the end, and its folder removed by whoever started it.
const scope = { teardown: () => {} }
const folder = process.env.SOAK_FOLDER ?? ''
const options = { now: simulatedClock(began, factor) }
const { node, sidechannels, lines } = await openNode(
  scope,
  [{ host: LOOPBACK, port }],
  flags,
  folder,
  options
)
await sidechannels.announced()
print({ key: node.key })
setInterval(() => {
  // Debug lines, kept for tests.
  lines.length = 0
  print(sample())
}, SAMPLE_EVERY)

function sample(): Sample {
  const { rss, heapUsed, external } = process.memoryUsage()
  const channels = [...sidechannels.channels.values()]
  return {
    rss,
    heapUsed,
    external,
    waiting: sum([...sidechannels.links.values()].map(({ outbox }) => outbox.waiting.bytes)),
    received: sum(channels.map(({ counts }) => counts.received)),
    relayed: sum(channels.map(({ counts }) => counts.relayed)),
    dropped: droppedBy(channels.map(({ drops }) => drops)),
    sizes: {
      seen: sidechannels.pipeline.seen.size,
      seenBytes: sidechannels.pipeline.seen.bytes,
      links: sidechannels.links.size,
      sessions: sum(channels.map(({ sessions }) => sessions.length)),
      neighbours: node.network.neighbours.size,
      clocks: sidechannels.pipeline.skew.estimate()?.neighbours ?? 0,
      requests: sidechannels.pending.list().length
    }
  }
}

function droppedBy(counters: readonly DropCounter[]): Record<string, number> {
  const reasons = Object.keys(DROP_REASONS) as DropReason[]
  const counts = reasons.map((reason) => [reason, sum(counters.map((drops) => drops.count(reason)))] as const)
  return Object.fromEntries(counts.filter(([, count]) => count > 0))
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0)
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}
