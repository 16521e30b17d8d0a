// The long soak of a quiet relay, with its curve as a table. Arguments: messages, messages per second.
import process from '#process'
import { growthOf, soak } from '../tests/helpers/soak.ts'
import { BenchScope } from './helpers/scope.ts'

const WARM_UP = 0.05

const [messages = 1_000_000, perSecond = 2500] = process.argv.slice(2).map(Number)
const scope = new BenchScope()
const { samples, sent, delivered, lives } = await soak(scope, { messages, perSecond })
const last = samples[samples.length - 1]
console.log(
  `${sent} messages from ${lives} neighbours, ${last?.received} taken and ${last?.dropped} dropped by the ` +
    `relay, ${last?.relayed} copies passed on, ${delivered} arrived\n`
)
const names = Object.keys(last?.sizes ?? {})
console.log(`| part of the run | messages | memory MB | heap MB | ${names.join(' | ')} |`)
console.log(`|${'---|'.repeat(names.length + 4)}`)
for (let part = WARM_UP; part < 1.001; part += WARM_UP) {
  const sample = samples[Math.min(samples.length, Math.round(samples.length * part)) - 1]
  if (sample === undefined) continue
  const [rss, heap] = [sample.rss, sample.heapUsed].map((bytes) => (bytes / 2 ** 20).toFixed(0))
  const sizes = names.map((name) => sample.sizes[name]).join(' | ')
  console.log(`| ${Math.round(part * 100)} % | ${sample.received} | ${rss} | ${heap} | ${sizes} |`)
}
console.log('\nAfter the first 5 % against the last 5 %, medians:')
for (const { what, early, late, ratio } of growthOf(samples, WARM_UP)) {
  console.log(`${what}: ${early} -> ${late}, ratio ${ratio.toFixed(2)}`)
}
await scope.close()
