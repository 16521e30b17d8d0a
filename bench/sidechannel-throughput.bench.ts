// Messages per second from A to B, and through one relay, no work, no limits. Ceiling: a raw Protomux JSON
// pair with one ed25519 signature per message, and through a relay with one verification on the way.
import b4a from 'b4a'
import sodium from 'sodium-universal'
import { seedKeyPair, startDht } from '../tests/helpers/swarm.ts'
import { inTurns, payload, throughput } from './helpers/drive.ts'
import { report } from './helpers/figures.ts'
import { type Line, OFF, openPair, openRaw, openThroughRelay } from './helpers/pairs.ts'
import { BenchScope } from './helpers/scope.ts'

const SIZES = [
  { name: '100 B', bytes: 100, count: 10_000, window: 256 },
  { name: '1 KB', bytes: 1000, count: 8000, window: 256 },
  { name: '64 KB', bytes: 64_000, count: 600, window: 16 }
]
const RUNS = 5

interface Signed {
  readonly message: string
  readonly sig: string
}

const { publicKey, secretKey } = seedKeyPair(99)

function seal(message: unknown): Signed {
  const sig = b4a.alloc(sodium.crypto_sign_BYTES)
  sodium.crypto_sign_detached(sig, b4a.from(message as string), secretKey)
  return { message: message as string, sig: b4a.toString(sig, 'hex') }
}

function verify(sealed: unknown): Signed {
  const { message, sig } = sealed as Signed
  const valid = sodium.crypto_sign_verify_detached(b4a.from(sig, 'hex'), b4a.from(message), publicKey)
  if (!valid) throw new Error('not what was signed')
  return sealed as Signed
}

async function compare(what: string, ours: Line, raw: Line, least: number): Promise<void> {
  for (const { name, bytes, count, window } of SIZES) {
    const message = payload(bytes)
    const {
      ours: value,
      ceiling,
      ratio
    } = await inTurns(
      RUNS,
      () => throughput(ours, message, count, window),
      () => throughput(raw, message, count, window)
    )
    report({ what: `${what}, ${name}`, unit: 'messages/s', value, ceiling, ratio, limit: { atLeast: least } })
  }
}

const direct = new BenchScope()
const dht = await startDht(direct)
const pair = await openPair(direct, dht, OFF)
await compare('direct', pair, await openRaw(direct, dht, { seal }), 0.6)
await direct.close()

const relayed = new BenchScope()
const other = await startDht(relayed)
const through = await openThroughRelay(relayed, other)
await compare('through one relay', through, await openRaw(relayed, other, { seal, open: verify }, 2), 0.5)
await relayed.close()
