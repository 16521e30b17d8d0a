import test from 'brittle'
import type { Transaction } from '../../../features/subnet/transactions/transaction.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import { hashes, openRelay, some, yes } from '../../helpers/subnet/relay-world.ts'

const YEAR = 365 * 24 * 3600 * 1000

test('the order outlives the process', async (t) => {
  const first = await openRelay(t)
  first.meet(yes)
  const all = some(4)
  await first.hand(all.slice(0, 2))
  first.sessions.length = 0
  await first.hand(all.slice(2))
  await first.queue.close()
  await first.store.close()
  const { world, pending, meet, resend } = await openRelay(t, first.folder)
  world.log = hashes(all.slice(0, 2))
  t.is(pending.size, 2)
  meet(yes)
  await resend()
  t.alike(world.log, hashes(all))
  t.is(world.sent[0]?.after, all[1]?.tx)
})

test('what was taken back is not waited for', async (t) => {
  const { world, meet, hand } = await openRelay(t)
  meet(yes)
  await hand(some(1))
  world.log = []
  await hand(some(1))
  t.is(world.sent.at(-1)?.after, null)
})

test('what this peer itself finds out is final', async (t) => {
  const { world, pending, meet, hand, resend, lines } = await openRelay(t)
  const [first, second] = some(2) as [Transaction, Transaction]
  await hand([first, second])
  meet(yes)
  world.check = ({ tx }) => {
    if (tx === first.tx) throw new IntercomError('contract_too_slow', 'The contract takes too long.')
  }
  t.alike(await resend(), [second.tx])
  t.is(pending.size, 0)
  t.ok(lines[0]?.includes('a transaction is not sent any more') && lines[0].includes(first.tx))

  world.enabled = false
  await hand(some(1))
  world.enabled = true
  world.check = () => {
    throw new IntercomError('rate_limited', 'Too many transactions wait to be tried.')
  }
  t.alike(await resend(), [])
  t.is(pending.size, 1, 'but not what passes')
  t.ok(lines[1]?.includes('cannot send transactions again'))
})

test('what is in the log is not sent again', async (t) => {
  const { world, pending, queue, meet, hand, resend, lines } = await openRelay(t)
  const [first, second] = some(2) as [Transaction, Transaction]
  await hand([first, second])
  queue.handleRecorded(first.tx, { n: 0, error: null })
  t.absent(pending.has(first.tx))
  world.log.push(second.tx)
  meet(() => 'not_writable')
  t.alike(await resend(), [])
  t.is(pending.size, 0)
  t.alike(lines, [])
})

test('however long one waits, it is kept', async (t) => {
  const { world, pending, meet, hand, resend } = await openRelay(t)
  const [old] = some(1) as [Transaction]
  await hand([old])
  let answer = 'not_writable' as string | null
  meet(() => answer)
  world.now = YEAR
  t.alike(await resend(), [old.tx])
  t.is(pending.size, 1)
  answer = null
  await resend()
  t.alike(world.log, [old.tx])
})

test('nothing is sent while transactions are switched off', async (t) => {
  const { world, meet, hand, resend } = await openRelay(t)
  meet(yes)
  world.enabled = false
  t.alike(await hand(some(1)), [null])
  world.enabled = true
  t.is((await resend()).length, 1)
})

test('what cannot be appended while the next one is looked at is kept, with those behind it', async (t) => {
  const { world, pending, hand, resend, lines } = await openRelay(t)
  const all = some(3)
  await hand(all)
  world.writable = true
  // As long as it takes to notice that nobody looks after a failure.
  world.check = () => new Promise((resolve) => setTimeout(resolve))
  world.write = () => {
    throw new IntercomError('store_unwritable', 'The store cannot be written.')
  }
  await resend()
  t.ok(
    lines[0]?.includes('cannot send transactions again') && lines[0].includes('The store cannot be written')
  )
  t.is(pending.size, 3)
  world.write = () => {}
  await resend()
  t.alike(world.log, hashes(all))
})

test('switched off while they are looked at, or written, they are kept', async (t) => {
  const { world, pending, queue, meet, hand, resend } = await openRelay(t)
  const all = some(3)
  await hand(all)
  meet(yes)
  const switchOff = () => {
    world.enabled = false
    throw new IntercomError('tx_disabled', 'Tx is not enabled.')
  }
  world.check = switchOff
  t.alike(await resend(), [])
  t.is(pending.size, 3)
  world.check = () => {}
  world.write = switchOff
  world.enabled = true
  world.writable = true
  t.alike(await resend(), [])
  t.is(pending.size, 3)
  world.write = () => {}
  world.enabled = true
  await resend()
  t.alike(world.log, hashes(all))
  t.ok(queue.isEmpty)
})

test('switched off and on again while they are looked at, or written, they go on at once', async (t) => {
  const { world, queue, hand, meet, lines } = await openRelay(t)
  const isOnAgain = () => {
    world.write = () => {}
    world.check = () => {}
    queue.resend()
    throw new IntercomError('tx_disabled', 'Tx is not enabled.')
  }
  const all = some(4)
  await hand(all.slice(0, 3))
  meet(yes)
  world.check = isOnAgain
  queue.resend()
  await queue.idle()
  t.alike(world.log, hashes(all.slice(0, 3)))
  t.is(lines.length, 1)
  world.writable = true
  world.write = isOnAgain
  await hand(all.slice(3))
  await queue.idle()
  t.alike(world.log, hashes(all))
  t.is(lines.length, 1, 'which is no fault')
})

test('what the subnet itself refuses is not written again and again', async (t) => {
  const { world, pending, queue, lines } = await openRelay(t)
  world.writable = true
  world.write = () => {
    throw new IntercomError('subnet_refused', 'The subnet refused the transaction.')
  }
  await t.exception(queue.hand(some(1)[0] as Transaction), /The subnet refused the transaction/)
  t.is(pending.size, 0)
  t.ok(lines[0]?.includes('a transaction is not sent any more'))
})
