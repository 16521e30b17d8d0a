import test from 'brittle'
import { beginSubnet, viewOf } from '../../helpers/subnet/damage.ts'
import { addIndexer, isConfirmed, openFast, untilAll } from '../../helpers/subnet/indexers.ts'
import { type OpenMember, until } from '../../helpers/subnet/member.ts'
import { startDht } from '../../helpers/swarm.ts'

const isSplit = ({ desk }: OpenMember) => desk.split || desk.subnet.differingIndexers.length > 0

test('a reader that took over the state follows a writer into the indexers whose log it never saw', {
  timeout: 50_000
}, async (t) => {
  const dht = await startDht(t)
  const admin = await openFast(t, dht)
  await beginSubnet(admin)
  const flags = ['--subnet-bootstrap', admin.desk.bootstrap]
  const indexer = await addIndexer(t, dht, admin, flags)
  const writer = await openFast(t, dht, flags)
  await until(writer, async () => (await writer.desk.get('chat_status', false)) === 'on')
  await admin.desk.operate('add_writer', { key: writer.desk.writerKey })
  await until(writer, () => writer.desk.writable)
  await writer.desk.post({ message: 'here I am' })
  // So many that whoever comes new takes them over.
  for (let n = 0; n < 40; n++) await admin.desk.post({ message: `message ${n}` })
  await untilAll([admin, indexer, writer], isConfirmed)

  const reader = await openFast(t, dht, flags)
  await until(reader, async () => (await reader.desk.get('msgl', false)) === 41)
  await admin.desk.operate('add_indexer', { key: writer.desk.writerKey })
  await untilAll([writer], ({ desk }) => desk.isIndexer)
  await admin.desk.post({ message: 'with another indexer' })
  await until(reader, async () => (await reader.desk.get('msgl', false)) === 42)
  const members = [admin, indexer, writer, reader]
  await untilAll(members, (member) => isConfirmed(member) || isSplit(reader))
  t.alike(members.map(isSplit), [false, false, false, false])
  for (const member of members) {
    t.is(await viewOf(member), await viewOf(admin))
    t.alike(member.desk.subnet.base.core.key, admin.desk.subnet.base.core.key)
  }
})
