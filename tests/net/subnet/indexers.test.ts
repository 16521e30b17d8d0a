import test from 'brittle'
import { viewOf } from '../../helpers/subnet/damage.ts'
import {
  ACK_MS,
  addIndexer,
  blocks,
  isConfirmed,
  openFast,
  openIndexers,
  untilAll
} from '../../helpers/subnet/indexers.ts'
import { until } from '../../helpers/subnet/member.ts'
import { startDht } from '../../helpers/swarm.ts'

/** As long as twenty confirmations may take. */
const IDLE_MS = 20 * ACK_MS

test('of three indexers one may be down; with two down nothing is confirmed until one is back', {
  timeout: 50_000
}, async (t) => {
  const dht = await startDht(t)
  const { members, flags } = await openIndexers(t, dht, 2)
  const [admin, second, third] = members as [(typeof members)[0], (typeof members)[0], (typeof members)[0]]
  await third.close()
  await admin.desk.post({ message: 'two of three' })
  await until(second, async () => (await second.desk.get('msgl', false)) === 1)
  await second.desk.post({ message: 'and another' })
  await untilAll([admin, second], (member) => isConfirmed(member))
  t.is(await admin.desk.get('msgl'), 2, 'confirmed')

  await second.close()
  const { result } = await admin.desk.post({ message: 'one of three' })
  t.is(result.n, 2)
  const before = blocks([admin])
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  t.is(blocks([admin]), before, 'an indexer that is left alone does not fill its log')
  t.is(await admin.desk.get('msgl', false), 3, 'the latest state goes on')
  t.is(await admin.desk.get('msgl'), 2, 'the confirmed one stands still')
  const { signedLength, viewLength, indexers } = (await admin.desk.stats()).result
  t.ok(signedLength < viewLength && indexers === 3, 'as /stats shows')

  const back = await openFast(t, dht, flags, second.folder)
  await untilAll([admin, back], (member) => isConfirmed(member))
  t.is(await admin.desk.get('msgl'), 3)
  t.is(await viewOf(back), await viewOf(admin))
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  const settled = blocks([admin, back])
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  t.is(blocks([admin, back]), settled, 'nor do those that have nothing left to confirm')

  await admin.desk.operate('remove_indexer', { key: third.desk.writerKey })
  const fourth = await addIndexer(t, dht, admin, flags)
  await untilAll([admin, back, fourth], (member) => isConfirmed(member) && member.desk.isIndexer)
  await back.close()
  await admin.desk.post({ message: 'with the new one' })
  await untilAll([admin, fourth], (member) => isConfirmed(member))
  t.is(await fourth.desk.get('msgl'), 4, 'the one that was lost is replaced')
  const told = [...members, back, fourth].filter(({ logged }) =>
    logged.some((line) => line.includes('state_split'))
  )
  t.is(told.length, 0, 'nobody took any of that for a state that has split off')
})

test('where the only indexer is lost, nothing more is confirmed, and nobody can change that', {
  timeout: 50_000
}, async (t) => {
  const dht = await startDht(t)
  const { members, flags } = await openIndexers(t, dht, 0)
  const [admin] = members
  await admin.desk.operate('set_auto_add_writers', { enabled: 1 })
  const writer = await openFast(t, dht, flags)
  await until(writer, () => writer.desk.writable)
  await admin.close()
  const { result } = await writer.desk.post({ message: 'without it' })
  t.is(result.n, 0)
  t.is(await writer.desk.get('msgl', false), 1)
  t.is(await writer.desk.get('msgl'), null)
  const reader = await openFast(t, dht, flags)
  await until(reader, async () => (await reader.desk.get('msgl', false)) === 1)
  t.is(await reader.desk.get('msgl'), null, 'but the latest state goes on')
  await t.exception(writer.desk.operate('add_indexer', { key: writer.desk.writerKey }), /Only admin/)
})
