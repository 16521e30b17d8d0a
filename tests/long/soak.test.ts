import test from 'brittle'
import { growthOf, soak } from '../helpers/soak.ts'

// What comes and goes is not at every moment as many.
const MOST_GROWTH = { memory: 1.1, other: 1.2 }

test('a quiet relay holds no more after a minute of traffic than near its start', {
  timeout: 300_000
}, async (t) => {
  const { samples, sent, delivered, lives } = await soak(t, { messages: 150_000, perSecond: 2500 })
  const last = samples[samples.length - 1]
  t.comment(`${sent} sent, ${last?.relayed} relayed, ${delivered} delivered, ${lives} neighbours`)
  t.ok((last?.received ?? 0) > 0.95 * sent, 'the relay kept up')
  t.ok(delivered > 0.5 * sent, 'and passed them on')
  // A minute is short: the first quarter is for the runtime to take the memory that it works with.
  for (const { what, early, late, ratio } of growthOf(samples, 0.25)) {
    const most = what === 'memory' ? MOST_GROWTH.memory : MOST_GROWTH.other
    t.ok(ratio <= most, `${what}: ${early} early, ${late} in the end`)
  }
})
