import test from 'brittle'
import process from '#process'
import { EventLoopLag, LagRecord } from '../../../src/metrics/lag.ts'

function observed() {
  const values: number[] = []
  return { values, histogram: { observe: (value: number) => void values.push(value) } }
}

test('a stall counts for all that was due meanwhile', (t) => {
  const { values, histogram } = observed()
  const record = new LagRecord(histogram)
  record.add(1, 1000)
  t.alike(values, [0.001])
  record.add(350, 2000)
  t.alike(
    values.slice(1).map((value) => Math.round(value * 1000)),
    [350, 250, 150, 50]
  )
  record.add(24 * 3_600_000, 3000)
  t.ok(values.length < 700, 'a night asleep is no million of samples')
})

test('the most is remembered for a minute, lost time for ten seconds', (t) => {
  const record = new LagRecord({ observe: () => {} })
  t.is(record.maxSeconds(0), 0)
  t.is(record.lostShare(0), 0)
  record.add(6000, 100_000)
  for (let at = 100_100; at < 105_000; at += 100) record.add(0, at)
  t.is(record.maxSeconds(105_000), 6)
  t.is(record.lostShare(105_000), 0.6)
  t.is(record.lostShare(111_000), 0)
  t.is(record.maxSeconds(159_000), 6)
  t.is(record.maxSeconds(161_000), 0)
  record.add(60_000, 300_000)
  t.is(record.lostShare(300_000), 1, 'not more than all of it')
})

test('what it remembers is bounded', (t) => {
  const record = new LagRecord({ observe: () => {} })
  for (let second = 0; second < 100_000; second++) record.add(1, second * 1000)
  t.is(record.size, 60)
  record.add(5, 100_000_000)
  t.is(record.maxSeconds(100_000_000), 0.005)
})

test('a loop that is really held up is seen', async (t) => {
  const { values, histogram } = observed()
  const now = () => process.uptime() * 1000
  const lag = new EventLoopLag(histogram, now)
  t.is(lag.maxSeconds(), null, 'not looked at')
  t.is(lag.lostShare(), null)
  lag.start()
  lag.start()
  const until = now() + 400
  while (now() < until);
  await new Promise((resolve) => setTimeout(resolve, 0))
  while (values.length === 0) await new Promise((resolve) => setImmediate(resolve))
  t.ok((lag.maxSeconds() ?? 0) >= 0.25, `${lag.maxSeconds()} s`)
  t.ok(values.length >= 3, `${values.length} samples`)
  lag.stop()
  t.is(lag.maxSeconds(), null)
})
