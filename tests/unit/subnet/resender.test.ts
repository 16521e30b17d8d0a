import test, { type Assertions } from 'brittle'
import { Pending } from '../../../features/subnet/relay/pending.ts'
import { Resender } from '../../../features/subnet/relay/resender.ts'
import type { Recorded } from '../../../features/subnet/transactions/ledger.ts'
import { contextOf, type Transaction } from '../../../features/subnet/transactions/transaction.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { createLog } from '../../../src/base/log.ts'
import { PeerStore } from '../../../src/store/peer-store.ts'
import { add, transactionBy } from '../../helpers/subnet/counter.ts'
import { alice, byte } from '../../helpers/subnet/ops.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const HOUR = 3600 * 1000
const subnet = byte(1) as Hex32
const context = contextOf(subnet, byte(2) as Hex32, byte(3) as Hex32)

/** The world as the resender has it. */
interface World {
  now: number
  enabled: boolean
  recorded: Set<Hex32>
  sent: Hex32[]
  send(transaction: Transaction): Recorded | 'refused' | 'nobody'
  check(transaction: Transaction): void
}

async function open(t: Assertions) {
  const store = new PeerStore(temporaryFolder(t), { now: Date.now })
  await store.ready()
  t.teardown(() => store.close(), { order: 2 })
  const world: World = {
    ...{ now: 0, enabled: true, recorded: new Set(), sent: [] },
    ...{ send: () => 'nobody', check: () => {} }
  }
  const lines: string[] = []
  const pending = new Pending(store)
  const resender = new Resender({
    pending,
    isEnabled: async () => world.enabled,
    check: async (transaction) => world.check(transaction),
    find: async (tx) => (world.recorded.has(tx) ? { n: 1, error: null } : null),
    async send(transaction) {
      world.sent.push(transaction.tx)
      return world.send(transaction)
    },
    log: createLog({ level: 'info', json: false, write: (line) => lines.push(line), now: () => 0 }),
    now: () => world.now
  })
  t.teardown(() => resender.close(), { order: 1 })
  const keep = async (count: number) => {
    const all = Array.from({ length: count }, () => transactionBy(alice, context, add('a')))
    for (const transaction of all) await resender.keep(transaction)
    return all.map(({ tx }) => tx)
  }
  const resend = async () => {
    world.sent = []
    resender.resend()
    await resender.idle()
    return world.sent
  }
  return { world, pending, resender, keep, resend, lines }
}

const yes: World['send'] = () => ({ n: 0, error: null })

test('where nobody takes the first one, the others are not tried', async (t) => {
  const { world, pending, keep, resend } = await open(t)
  const [first] = await keep(3)
  t.alike(await resend(), [first])
  t.is(pending.size, 3)
  world.send = yes
  t.is((await resend()).length, 3)
  t.is(pending.size, 0)
})

test('one that all refuse does not keep the others from being sent', async (t) => {
  const { world, pending, keep, resend, lines } = await open(t)
  const [first, second, third] = await keep(3)
  world.send = ({ tx }) => (tx === first ? 'refused' : { n: 0, error: null })
  t.alike(await resend(), [first, second, third])
  t.alike(
    pending.all().map(({ transaction }) => transaction.tx),
    [first],
    'the word of others is not final'
  )
  t.alike(lines, [])
})

test('what this peer itself finds out is final', async (t) => {
  const { world, pending, keep, resend, lines } = await open(t)
  const [first, second] = await keep(2)
  world.send = yes
  world.check = ({ tx }) => {
    if (tx === first) throw new IntercomError('contract_too_slow', 'The contract takes too long.')
  }
  t.alike(await resend(), [second])
  t.is(pending.size, 0)
  t.ok(lines[0]?.includes('a transaction is not sent any more') && lines[0].includes(first as string))

  await keep(1)
  world.check = () => {
    throw new IntercomError('rate_limited', 'Too many transactions wait to be tried.')
  }
  t.alike(await resend(), [])
  t.is(pending.size, 1, 'but not what passes')
  t.ok(lines[1]?.includes('cannot send transactions again'))
})

test('what is in the log is not sent again, nor what is a day old', async (t) => {
  const { world, pending, resender, keep, resend, lines } = await open(t)
  const [first, second] = (await keep(2)) as [Hex32, Hex32]
  resender.handleRecorded(first)
  t.absent(pending.has(first))
  world.recorded.add(second)
  t.alike(await resend(), [])
  t.is(pending.size, 0)
  t.alike(lines, [])

  const [old] = await keep(1)
  world.now = 23 * HOUR
  await keep(1)
  t.alike(await resend(), [old])
  world.now = 25 * HOUR
  t.absent((await resend()).includes(old as Hex32))
  t.is(pending.size, 1)
  t.ok(lines[0]?.includes('no writer has taken it for a day'))
})

test('nothing is sent while transactions are switched off', async (t) => {
  const { world, keep, resend } = await open(t)
  await keep(1)
  world.enabled = false
  t.alike(await resend(), [])
  world.enabled = true
  t.is((await resend()).length, 1)
})
