// A fresh reader that catches up with a log of 50 000 operations, against raw Autobase with the same puts: from where
// it is open, before it knows anybody. Both meet the other peer through the same network, and take over what the
// indexer has signed.

import { until } from '../tests/helpers/subnet/member.ts'
import { startDht } from '../tests/helpers/swarm.ts'
import { inTurns } from './helpers/drive.ts'
import { milliseconds, report } from './helpers/figures.ts'
import { hash } from './helpers/hash.ts'
import { meetRaw, openRaw, type Puts } from './helpers/raw-subnet.ts'
import { BenchScope } from './helpers/scope.ts'
import { chatOp, openAdmin, openReader } from './helpers/subnet.ts'

const COUNT = 50_000
const AT_ONCE = 500

const scope = new BenchScope()
const dht = await startDht(scope)
const admin = await openAdmin(scope, dht)
for (let n = 0; n < COUNT; n += AT_ONCE) {
  await Promise.all(
    Array.from({ length: AT_ONCE }, (_, i) => admin.desk.subnet.append(chatOp(admin, `message ${n + i}`)))
  )
}
const raw = await openRaw(scope)
const puts: Puts[] = Array.from({ length: COUNT }, (_, n) => [
  [
    `msg/${n}`,
    {
      type: 'msg',
      msg: `message ${n}`,
      address: admin.node.key,
      attachments: [],
      deleted_by: null,
      reply_to: null,
      pinned: false,
      pin_id: null
    }
  ],
  [`umsg/${admin.node.key}/${n}`, `msg/${n}`],
  ['msgl', n + 1],
  [`umsgl/${admin.node.key}`, n + 1],
  [`sh/${hash(`a ${n}`)}${hash(`b ${n}`)}`, '']
])
await raw.write(puts, AT_ONCE)
await meetRaw(scope, raw, dht)

async function ours(): Promise<number> {
  const own = new BenchScope()
  const reader = await openReader(own, dht, admin)
  const startedAt = milliseconds()
  await until(reader, async () => (await reader.desk.get('msgl', false)) === COUNT)
  const rate = (COUNT * 1000) / (milliseconds() - startedAt)
  await own.close()
  return rate
}

async function ceiling(): Promise<number> {
  const own = new BenchScope()
  const reader = await openRaw(own, raw.base.key)
  const startedAt = milliseconds()
  const met = meetRaw(own, reader, dht)
  while ((await reader.base.view.get('msgl'))?.value !== COUNT) {
    await new Promise<void>((resolve) => reader.base.once('update', () => resolve()))
  }
  const rate = (COUNT * 1000) / (milliseconds() - startedAt)
  await met
  await own.close()
  return rate
}

const turns = await inTurns(3, ours, ceiling)
report({
  what: `catching up with ${COUNT} operations`,
  unit: '/s',
  value: turns.ours,
  ceiling: turns.ceiling,
  ratio: turns.ratio,
  limit: { atLeast: 0.6 }
})
await scope.close()
