// Proof of work of 12 bits. Ceiling of the search: one that writes and hashes the whole text anew for each
// nonce. Then what a large message costs more than a small one, and how long it holds up the event loop.
import b4a from 'b4a'
import sodium from 'sodium-universal'
import { type Composed, composeMessage } from '../features/sidechannel/compose.ts'
import { createPowSearch, powPreimage, zeroBits } from '../features/sidechannel/pow.ts'
import { createYield } from '../features/sidechannel/sequence.ts'
import { type SidechannelMessage, signMessage } from '../features/sidechannel/wire.ts'
import { canonicalJson } from '../src/base/canonical.ts'
import { createSigner } from '../src/base/signature.ts'
import { seedKeyPair } from '../tests/helpers/swarm.ts'
import { inTurns, payload } from './helpers/drive.ts'
import { digits, median, milliseconds, report } from './helpers/figures.ts'

const BITS = 12
const SIZES = [
  { name: '100 B', bytes: 100, searches: 40, naive: 4096, least: 15 },
  { name: '64 KB', bytes: 64_000, searches: 20, naive: 64, least: 300 }
]
const LARGEST = 900_000
const SENDS = 400

const signer = createSigner(seedKeyPair(1))

function draft(bytes: number): SidechannelMessage {
  return signMessage({ channel: 'bench', message: payload(bytes), ts: Date.now(), ttl: 3 }, signer)
}

/** Microseconds per nonce, the preparation included, over whole searches. */
async function searched(bytes: number, searches: number): Promise<number> {
  let nonces = 0
  const drafts = Array.from({ length: searches }, () => draft(bytes))
  const startedAt = milliseconds()
  for (const message of drafts) nonces += search(message) + 1
  return ((milliseconds() - startedAt) * 1000) / nonces
}

function search(message: SidechannelMessage): number {
  const preimage = powPreimage(message)
  if (preimage === null) throw new Error('too deep')
  const found = createPowSearch(preimage, BITS)
  for (;;) {
    const nonce = found.step(4096)
    if (nonce !== null) return nonce
  }
}

async function naive(bytes: number, nonces: number): Promise<number> {
  const { id, channel, from, origin, message, ts } = draft(bytes)
  const hash = b4a.alloc(32)
  const startedAt = milliseconds()
  for (let nonce = 0; nonce < nonces; nonce++) {
    const text = canonicalJson({ id, channel, from, origin, message, ts, nonce })
    sodium.crypto_hash_sha256(hash, b4a.from(text as string))
    zeroBits(hash)
  }
  return ((milliseconds() - startedAt) * 1000) / nonces
}

function compose(bytes: number): Promise<Composed | null> {
  return composeMessage({
    ...{ channel: 'bench', message: payload(bytes), ts: Date.now(), ttl: 3, signer },
    ...{ powBits: BITS, maxBytes: 1_000_000, yieldNow: createYield(Date.now) }
  })
}

/** Mean milliseconds of one message: the work is a lottery, so many are needed. */
async function composing(bytes: number): Promise<number> {
  const startedAt = milliseconds()
  for (let i = 0; i < SENDS; i++) await compose(bytes)
  return (milliseconds() - startedAt) / SENDS
}

/** The longest time between two turns of the event loop while messages are worked on. */
async function longestStall(bytes: number): Promise<number> {
  let longest = 0
  let last = milliseconds()
  let running = true
  const watch = () => {
    longest = Math.max(longest, milliseconds() - last)
    last = milliseconds()
    if (running) setImmediate(watch)
  }
  setImmediate(watch)
  await compose(bytes)
  running = false
  return Math.max(longest, milliseconds() - last)
}

for (const { name, bytes, searches, naive: nonces, least } of SIZES) {
  const turns = await inTurns(
    5,
    () => naive(bytes, nonces),
    () => searched(bytes, searches)
  )
  const { ours: slow, ceiling: fast, ratio } = turns
  const what = `proof of work, ${name}: naive search against ours`
  report({ what, unit: 'us per nonce', value: slow, ceiling: fast, ratio, limit: { atLeast: least } })
}
const turns = await inTurns(
  5,
  () => composing(64_000),
  () => composing(100)
)
report({
  ...{ what: 'proof of work, time to send 64 KB against 100 B', unit: 'ms' },
  ...{ value: turns.ours, ceiling: turns.ceiling, ratio: turns.ratio, limit: { atMost: 1.5 } }
})
await compose(LARGEST)
const stalls: number[] = []
for (let i = 0; i < 9; i++) stalls.push(await longestStall(LARGEST))
const worst = Math.max(...stalls)
console.log(
  `longest event-loop stall, 900 KB message: median ${digits(median(stalls))} ms, worst of ${stalls.length} ` +
    `${digits(worst)} ms (${median(stalls) <= 20 ? 'reached' : 'MISSED'}: at most 20 ms)`
)
