import test from 'brittle'
import type { Applied } from '../../../features/subnet/engine/events.ts'
import { beginSubnet, viewOf } from '../../helpers/subnet/damage.ts'
import { openMember, until } from '../../helpers/subnet/member.ts'
import { startDht } from '../../helpers/swarm.ts'

test('what is applied again after others came before it is told once (D29)', async (t) => {
  const dht = await startDht(t)
  const admin = await openMember(t, dht)
  await beginSubnet(admin)
  await admin.desk.operate('set_auto_add_writers', { enabled: 1 })
  const flags = ['--subnet-bootstrap', admin.desk.bootstrap]
  const first = await openMember(t, dht, flags)
  await until(first, () => first.desk.writable)
  await first.close()
  await admin.desk.post({ message: 'while it was away' })
  await admin.close()

  const writer = await openMember(t, dht, flags, { folder: first.folder })
  const applied: string[] = []
  const told: (string | null)[] = []
  writer.desk.subnet.on('applied', ({ operations }: Applied) => {
    for (const { id, type } of operations) if (type === 'msg') applied.push(id)
  })
  writer.desk.on('chat', ({ message }: { message: string | null }) => told.push(message))
  const alone = await writer.desk.post({ message: 'alone' })
  t.is(alone.result.n, 0)
  const again = await openMember(t, dht, [], { folder: admin.folder })
  await until(writer, async () => (await writer.desk.get('msgl', false)) === 2)
  await until(again, async () => (await again.desk.get('msgl', false)) === 2)
  t.is(((await writer.desk.get('msg/1', false)) as { msg: string }).msg, 'alone', 'the admin came before it')
  t.is(applied.length, 3, 'so it was applied twice')
  t.is(new Set(applied).size, 2)
  t.alike(told, ['alone', 'while it was away'])
  const { key } = writer.node
  t.alike(
    writer.lines.filter((line) => line.includes('alone')),
    [`#1 | ${key}: alone`]
  )
  t.is(await viewOf(writer), await viewOf(again))
})
