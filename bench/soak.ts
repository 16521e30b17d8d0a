// The long soak of a quiet relay, with its curve as a table. Arguments: messages, messages per second.
import process from '#process'
import { growthOf, soak } from '../tests/helpers/soak.ts'
import { BenchScope } from './helpers/scope.ts'

const WARM_UP = 0.05

const [messages = 1_000_000, perSecond = 2500] = process.argv.slice(2).map(Number)
const scope = new BenchScope()
const { samples, sent, delivered, lives } = await soak(scope, { messages, perSecond })
const last = samples[samples.length - 1]
const dropped = Object.entries(last?.dropped ?? {}).map(([reason, count]) => `${reason} ${count}`)
console.log(
  `${sent} messages from ${lives} neighbours, ${last?.received} taken by the relay (dropped: ` +
    `${dropped.join(', ') || 'none'}), ${last?.relayed} copies passed on, ${delivered} arrived\n`
)
const names = Object.keys(last?.sizes ?? {})
console.log(
  `| part of the run | messages | memory MB | heap MB | buffers MB | waiting MB | ${names.join(' | ')} |`
)
console.log(`|${'---|'.repeat(names.length + 6)}`)
for (let part = WARM_UP; part < 1.001; part += WARM_UP) {
  const sample = samples[Math.min(samples.length, Math.round(samples.length * part)) - 1]
  if (sample === undefined) continue
  const { rss, heapUsed, external, waiting } = sample
  const megabytes = [rss, heapUsed, external, waiting].map((bytes) => (bytes / 2 ** 20).toFixed(0))
  const sizes = names.map((name) => sample.sizes[name]).join(' | ')
  console.log(`| ${Math.round(part * 100)} % | ${sample.received} | ${megabytes.join(' | ')} | ${sizes} |`)
}
console.log('\nAfter the first 5 % against the last 5 %, medians:')
for (const { what, early, late, ratio } of growthOf(samples, WARM_UP)) {
  console.log(`${what}: ${early} -> ${late}, ratio ${ratio.toFixed(2)}`)
}
await scope.close()
