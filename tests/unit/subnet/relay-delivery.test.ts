import test from 'brittle'
import type { Transaction } from '../../../features/subnet/transactions/transaction.ts'
import { deferred } from '../../../src/base/deferred.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import { hashes, openRelay, some, yes } from '../../helpers/subnet/relay-world.ts'

test('what a writer sends before and after it loses the right to write keeps its order', async (t) => {
  const { world, delivery, meet } = await openRelay(t)
  meet(yes)
  const [first, second, third] = some(3) as [Transaction, Transaction, Transaction]
  world.writable = true
  await delivery.deliver(first)
  const written = deferred<void>()
  world.write = () => written.promise
  const delivered = [delivery.deliver(second)]
  world.writable = false
  delivered.push(delivery.deliver(third))
  written.reject(new IntercomError('not_writable', 'Peer is not writable.'))
  t.alike(
    (await Promise.all(delivered)).map(({ n }) => n),
    [1, 2]
  )
  t.alike(world.log, hashes([first, second, third]))
  t.alike(
    world.sent.map(({ tx, after }) => [tx, after]),
    [
      [second.tx, first.tx],
      [third.tx, second.tx]
    ],
    'a neighbour knows what it has to come after'
  )
})
