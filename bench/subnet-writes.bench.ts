// Operations per second, written, applied and readable, against raw Autobase and Hyperbee doing the same puts in
// batches of 500. One indexer; for chat a second peer that has them too.

import { until } from '../tests/helpers/subnet/member.ts'
import { startDht } from '../tests/helpers/swarm.ts'
import { inTurns, payload } from './helpers/drive.ts'
import { milliseconds, report } from './helpers/figures.ts'
import { hash } from './helpers/hash.ts'
import { linkRaw, openRaw, type Puts } from './helpers/raw-subnet.ts'
import { BenchScope } from './helpers/scope.ts'
import { openAdmin, openReader } from './helpers/subnet.ts'

const COUNT = 4000
const CLIENTS = 20
/** So many of its requests a client has under way at a time. */
const UNDER_WAY = 25
const AT_ONCE = 500

let next = 0

/** As a transaction of the contract makes them. */
function txPuts(n: number, address: string): Puts {
  const value = { key: `app/set/${n}`, value: payload(32) }
  const tx = hash(`tx ${n}`)
  const entry = { val: { type: 'set', value }, err: null, tx, ipk: address, wp: address }
  return [
    ...([
      [value.key, value.value],
      [`txi/${n}`, entry],
      ['txl', n + 1]
    ] as const),
    ...([
      [`tx/${tx}`, n],
      [`utxi/${address}/${n}`, n],
      [`utxl/${address}`, n + 1]
    ] as const)
  ]
}

/** As a message makes them. */
function chatPuts(n: number, address: string): Puts {
  const message = {
    type: 'msg',
    msg: payload(32),
    address,
    attachments: [],
    deleted_by: null,
    reply_to: null,
    pinned: false,
    pin_id: null
  }
  return [
    ...([
      [`msg/${n}`, message],
      [`umsg/${address}/${n}`, `msg/${n}`],
      ['msgl', n + 1]
    ] as const),
    ...([
      [`umsgl/${address}`, n + 1],
      [`sh/${hash(`a ${n}`)}${hash(`b ${n}`)}`, '']
    ] as const)
  ]
}

async function perSecond(work: () => Promise<void>): Promise<number> {
  const startedAt = milliseconds()
  await work()
  return (COUNT * 1000) / (milliseconds() - startedAt)
}

/** Each request is answered by itself; a client sends on while answers are on their way. */
async function byClients(underWay: number, each: (n: number) => Promise<unknown>): Promise<void> {
  const last = next + COUNT
  const stream = async () => {
    while (next < last) await each(next++)
  }
  await Promise.all(Array.from({ length: CLIENTS * underWay }, stream))
}

const scope = new BenchScope()
const dht = await startDht(scope)
const admin = await openAdmin(scope, dht)
const raw = await openRaw(scope)

const writes = await inTurns(
  3,
  () =>
    perSecond(() =>
      byClients(UNDER_WAY, (n) =>
        admin.desk.tx({ command: { type: 'set', value: { key: `app/set/${n}`, value: payload(32) } } })
      )
    ),
  () =>
    perSecond(() => {
      const first = next
      next += COUNT
      return raw.write(
        Array.from({ length: COUNT }, (_, i) => txPuts(first + i, admin.node.key)),
        AT_ONCE
      )
    })
)
report({
  what: `transactions/s, ${CLIENTS} clients`,
  unit: '/s',
  value: writes.ours,
  ceiling: writes.ceiling,
  ratio: writes.ratio,
  limit: { atLeast: 0.5 }
})

const reader = await openReader(scope, dht, admin)
const rawReader = await openRaw(scope, raw.base.key)
linkRaw(raw, rawReader)
const chat = await inTurns(
  3,
  () =>
    perSecond(async () => {
      const before = ((await admin.desk.get('msgl', false)) as number | null) ?? 0
      const seen = until(reader, async () => (await reader.desk.get('msgl', false)) === before + COUNT)
      await byClients(UNDER_WAY, () => admin.desk.post({ message: payload(32) }))
      await seen
    }),
  () =>
    perSecond(async () => {
      const first = next
      next += COUNT
      const last = first + COUNT - 1
      const seen = new Promise<void>((resolve) => {
        const look = async () => {
          if ((await rawReader.base.view.get(`msg/${last}`)) !== null) {
            rawReader.base.off('update', look)
            resolve()
          }
        }
        rawReader.base.on('update', look)
      })
      await raw.write(
        Array.from({ length: COUNT }, (_, i) => chatPuts(first + i, admin.node.key)),
        AT_ONCE
      )
      await seen
    })
)
report({
  what: `chat posts/s, ${CLIENTS} clients, seen on a second peer`,
  unit: '/s',
  value: chat.ours,
  ceiling: chat.ceiling,
  ratio: chat.ratio,
  limit: { atLeast: 0.4 }
})
await scope.close()
