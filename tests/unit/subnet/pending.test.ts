import test, { type Assertions } from 'brittle'
import fs from '#fs'
import { Pending } from '../../../features/subnet/relay/pending.ts'
import type { Transaction } from '../../../features/subnet/transactions/transaction.ts'
import { contextOf } from '../../../features/subnet/transactions/transaction.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import { PeerStore } from '../../../src/store/peer-store.ts'
import { add, transactionBy } from '../../helpers/subnet/counter.ts'
import { alice, byte } from '../../helpers/subnet/ops.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'

const subnet = byte(1) as Hex32
const context = contextOf(subnet, byte(2) as Hex32, byte(3) as Hex32)
const some = (name = 'a') => transactionBy(alice, context, add(name))

async function openStore(t: Assertions, folder = temporaryFolder(t)): Promise<PeerStore> {
  const store = new PeerStore(folder, { now: Date.now })
  await store.ready()
  t.teardown(() => store.close())
  return store
}

/** As the next start finds it. */
function reopened(store: PeerStore): Pending {
  const pending = new Pending(store)
  pending.open(subnet)
  return pending
}

const hashes = (pending: Pending) => pending.all().map(({ tx }) => tx)

test('what was added is on the disk, in order, until it is removed', async (t) => {
  const store = await openStore(t)
  const pending = new Pending(store)
  t.is(pending.open(subnet), 0)
  const transactions = [some(), some(), some()] as [Transaction, Transaction, Transaction]
  for (const [place, transaction] of transactions.entries()) {
    await pending.add(transaction)
    t.alike(
      hashes(reopened(store)),
      transactions.slice(0, place + 1).map(({ tx }) => tx)
    )
  }
  t.alike(reopened(store).all()[0], transactions[0])
  await pending.add(transactions[1])
  t.is(pending.size, 3, 'the same one is kept once')
  await pending.remove(transactions[1].tx)
  t.absent(pending.has(transactions[1].tx))
  t.alike(hashes(reopened(store)), [transactions[0].tx, transactions[2].tx])
})

test('there is only so much room', async (t) => {
  const store = await openStore(t)
  const few = new Pending(store, { count: 2 })
  await few.add(some())
  await few.add(some())
  await t.exception(few.add(some()), /2 transactions wait for a writer already/)
  t.is(few.size, 2)
  await few.remove(hashes(few)[0] as Hex32)
  await few.add(some())

  const bytes = JSON.stringify(some('x'.repeat(3000))).length + 100
  const small = new Pending(store, { bytes })
  await small.add(some('x'.repeat(3000)))
  await t.exception(small.add(some()), /no more are kept/)
  await small.remove(hashes(small)[0] as Hex32)
  await small.add(some())
  t.is(reopened(store).size, 1)
})

test('a full file can be read back', async (t) => {
  const store = await openStore(t)
  const pending = new Pending(store)
  const adding: Promise<void>[] = []
  for (let i = 0; i < 1000; i++) adding.push(pending.add(some('x'.repeat(i % 2 === 0 ? 10 : 3000))))
  const refused = (await Promise.allSettled(adding)).filter(({ status }) => status === 'rejected')
  t.ok(refused.length > 0 && pending.size > 200, `${pending.size} are kept`)
  t.alike(hashes(reopened(store)), hashes(pending))
})

test('what is no transaction of the subnet is left out, and a file that is none is left alone', async (t) => {
  const store = await openStore(t)
  const good = some()
  const other = transactionBy(alice, { ...context, bs: byte(9) }, add('a'))
  const list = [good, other, { ...good, tx: 'x' }, null, 'x', { ...good, ipk: byte(4) }]
  store.writeFile('subnet-pending.json', JSON.stringify({ version: 1, transactions: list }))
  const pending = new Pending(store)
  t.is(pending.open(subnet), 5)
  t.alike(hashes(pending), [good.tx])

  for (const content of ['', '{', 'null', '[]', '{"transactions":1}']) {
    store.writeFile('subnet-pending.json', content)
    t.exception(() => new Pending(store).open(subnet), /Cannot read .*subnet-pending\.json/, content)
    t.is(fs.readFileSync(store.file('subnet-pending.json'), 'utf-8'), content)
  }
})

test('what cannot be written is not kept', async (t) => {
  const store = await openStore(t)
  const pending = new Pending(store)
  await pending.add(some())
  const file = store.file('subnet-pending.json')
  // Nothing can be put in the place of a folder.
  fs.unlinkSync(file)
  fs.mkdirSync(file)
  const outcomes = await Promise.allSettled([pending.add(some()), pending.add(some())])
  for (const outcome of outcomes) {
    t.is(outcome.status, 'rejected')
    t.is((outcome as PromiseRejectedResult).reason.code, 'store_unwritable')
  }
  t.is(pending.size, 1)
  fs.rmdirSync(file)
  await pending.add(some())
  t.is(reopened(store).size, 2)
})
