// How long a post takes until a second peer has it, and until it is confirmed; one at a time, one indexer. What it
// may take is counted in round trips of the connection and in one tick of Autobase: what the same puts take from the
// append to a second peer that can read them, with nothing of ours and no network between the two.

import { until } from '../tests/helpers/subnet/member.ts'
import { startDht } from '../tests/helpers/swarm.ts'
import { digits, median, milliseconds, report } from './helpers/figures.ts'
import { linkRaw, openRaw } from './helpers/raw-subnet.ts'
import { BenchScope } from './helpers/scope.ts'
import { chatOp, openAdmin, openReader } from './helpers/subnet.ts'

const COUNT = 200

const scope = new BenchScope()
const dht = await startDht(scope)
const admin = await openAdmin(scope, dht)
const reader = await openReader(scope, dht, admin)
await until(reader, async () => (await reader.desk.get('chat_status', false)) === 'on')
const raw = await openRaw(scope)
const rawReader = await openRaw(scope, raw.base.key)
linkRaw(raw, rawReader)

/** Resolves once the second peer can read it. */
function seenRaw(key: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () =>
      void rawReader.base.view.get(key).then((entry) => {
        if (entry === null) return
        rawReader.base.off('update', look)
        resolve()
      }, reject)
    rawReader.base.on('update', look)
  })
}

const visible: number[] = []
const confirmed: number[] = []
const appends: number[] = []
const ticks: number[] = []
for (let n = 0; n < COUNT; n++) {
  const rawAt = milliseconds()
  const rawSeen = seenRaw(`msg/${n}`)
  await raw.write(
    [
      [
        [`msg/${n}`, 'x'.repeat(200)],
        ['msgl', n + 1],
        [`umsg/${n}`, n],
        ['umsgl', n],
        [`sh/${n}`, '']
      ]
    ],
    1
  )
  appends.push(milliseconds() - rawAt)
  await rawSeen
  ticks.push(milliseconds() - rawAt)

  const startedAt = milliseconds()
  const seen = new Promise<void>((resolve) => reader.desk.once('chat', () => resolve()))
  const appended = admin.desk.subnet.append(chatOp(admin, `message ${n}`)).then(async () => {
    while (((await admin.desk.get('msgl')) as number | null) !== n + 1) {
      await new Promise<void>((resolve) => admin.desk.subnet.base.once('update', () => resolve()))
    }
    confirmed.push(milliseconds() - startedAt)
  })
  await Promise.all([seen.then(() => visible.push(milliseconds() - startedAt)), appended])
}
const roundTrip = [...reader.node.network.neighbours.values()][0]?.rtt() ?? 1
const tick = median(ticks)
console.log(`one raw append, p50: ${digits(median(appends))} ms`)
report({
  ...{
    what: `post to visible on a second peer, p50 (round trip ${digits(roundTrip)} ms, tick ${digits(tick)} ms)`
  },
  ...{ unit: 'ms', value: median(visible), ceiling: 3 * roundTrip + tick, limit: { atMost: 1 } }
})
report({
  what: 'post to confirmed, p50',
  unit: 'ms',
  value: median(confirmed),
  ceiling: 300,
  limit: { atMost: 1 }
})
await scope.close()
