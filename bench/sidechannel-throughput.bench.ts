// Messages per second from A to B, and through one relay, no work, no limits. Ceiling: a raw Protomux JSON
// pair with one ed25519 signature per message, and through a relay with one verification on the way. Of the
// smallest, also what the wire format leaves at best: a pair whose messages are as long, verified at each hop.
import { startDht } from '../tests/helpers/swarm.ts'
import { inTurns, payload, throughput } from './helpers/drive.ts'
import { report } from './helpers/figures.ts'
import { type Line, OFF, openPair, openRaw, openThroughRelay } from './helpers/pairs.ts'
import { BenchScope } from './helpers/scope.ts'
import { SEALED, SEALED_AS_LONG } from './helpers/seal.ts'

const SMALLEST = { name: '100 B', bytes: 100, count: 10_000, window: 256 }
const SIZES = [
  SMALLEST,
  { name: '1 KB', bytes: 1000, count: 8000, window: 256 },
  { name: '64 KB', bytes: 64_000, count: 600, window: 16 }
]
const RUNS = 5

async function compare(what: string, ours: Line, raw: Line, least: number): Promise<void> {
  for (const size of SIZES) {
    const turns = await measure(ours, raw, size)
    report({ what: `${what}, ${size.name}`, ...turns, limit: { atLeast: least } })
  }
}

async function measure(ours: Line, raw: Line, { bytes, count, window }: (typeof SIZES)[number]) {
  const message = payload(bytes)
  const turns = await inTurns(
    RUNS,
    () => throughput(ours, message, count, window),
    () => throughput(raw, message, count, window)
  )
  return { unit: 'messages/s', value: turns.ours, ceiling: turns.ceiling, ratio: turns.ratio }
}

const direct = new BenchScope()
const dht = await startDht(direct)
const pair = await openPair(direct, dht, OFF)
const { seal } = SEALED
await compare('direct', pair, await openRaw(direct, dht, { seal }), 0.6)
await direct.close()

const relayed = new BenchScope()
const other = await startDht(relayed)
const through = await openThroughRelay(relayed, other)
await compare('through one relay', through, await openRaw(relayed, other, SEALED, 2), 0.5)
const { open: pass } = SEALED_AS_LONG
const best = await openRaw(relayed, other, { ...SEALED_AS_LONG, pass }, 2, 110)
const what = 'through one relay, 100 B, against what the wire format leaves at best'
report({ what, ...(await measure(through, best, SMALLEST)), limit: null })
await relayed.close()
