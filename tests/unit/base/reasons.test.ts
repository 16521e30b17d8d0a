import test from 'brittle'
import { DROP_REASONS, DropCounter, SEND_REFUSALS } from '../../../src/base/reasons.ts'

test('the lists are those of the specification', (t) => {
  const drops =
    'blocked rate size shape channel stale duplicate uninvited owner_only welcome pow signature queue'
  t.is(Object.keys(DROP_REASONS).join(' '), drops)
  t.is(Object.keys(SEND_REFUSALS).join(' '), 'owner_only uninvited too_large unserialisable rate_limited')
  t.is(DROP_REASONS.welcome, 'awaiting welcome')
})

test('drops are counted by reason', (t) => {
  const drops = new DropCounter()
  t.is(drops.total, 0)
  drops.add('pow')
  drops.add('pow')
  drops.add('queue', 5)
  t.is(drops.count('pow'), 2)
  t.is(drops.total, 7)
  const counts = drops.counts()
  t.alike(Object.keys(counts), Object.keys(DROP_REASONS))
  t.is(counts.queue, 5)
  t.is(counts.shape, 0)
})
