import test from 'brittle'
import { rejectionOf } from '../../helpers/errors.ts'
import { viewOf } from '../../helpers/subnet/damage.ts'
import { isConfirmed, untilAll } from '../../helpers/subnet/indexers.ts'
import { openMember, until } from '../../helpers/subnet/member.ts'
import {
  isTold,
  makeIndexers,
  openAgain,
  openCast,
  RIGHT,
  signGarbage,
  subnetHealth,
  times,
  untilMended,
  untilSplit
} from '../../helpers/subnet/split.ts'
import { once } from '../../helpers/swarm.ts'

test('of three indexers the one that computes something else is told, and keeps its log when it is mended', {
  timeout: 50_000
}, async (t) => {
  const cast = await openCast(t)
  const { admin, good, faulty } = cast
  await makeIndexers(admin, [good, faulty])
  await admin.desk.operate('set_auto_add_writers', { enabled: 1 })
  let asked = 0
  for (const { desk } of [admin, good]) desk.subnet.members.receive('inviteMyKey', () => asked++)
  const writable: boolean[] = []
  faulty.desk.on('writable', (may: boolean) => writable.push(may))
  await faulty.desk.post({ message: 'easy' })
  await good.desk.post({ message: 'harder' })
  await untilSplit(faulty, true)
  t.alike(writable, [false])
  t.is((await rejectionOf(faulty.desk.post({ message: 'no' }))).code, 'state_split')
  t.absent([admin, good].some((member) => isTold(member) || member.desk.split))
  await faulty.close()

  const mended = await openAgain(t, cast, faulty)
  await untilMended(mended)
  t.is(mended.desk.writerKey, faulty.desk.writerKey)
  t.is(asked, 0, 'it never asked to become the writer that it is')
  const { result } = await mended.desk.post({ message: 'hard too' })
  await untilAll([admin, good, mended], (member) => isConfirmed(member))
  t.is(result.n, 2)
  t.is(await admin.desk.get('heard/hard too'), 'hard too')
  t.is(await viewOf(mended), await viewOf(admin))
})

test('one indexer of three that signs garbage makes nobody believe it, and is named where it holds up the others', {
  timeout: 50_000
}, async (t) => {
  const cast = await openCast(t)
  const { admin, good } = cast
  const hostile = await openMember(t, cast.dht, cast.flags, { app: RIGHT, times })
  await cast.faulty.close()
  await until(hostile, async () => (await hostile.desk.get('chat_status', false)) === 'on')
  await makeIndexers(admin, [good, hostile])
  signGarbage(hostile)
  await good.close()
  await admin.desk.post({ message: 'easy' })
  while (admin.desk.subnet.differingIndexers.length === 0) await once(admin.desk.subnet, 'agreement')
  const { result, lines } = await admin.desk.stats()
  t.alike([result.split, result.differingIndexers], [false, [hostile.desk.writerKey]])
  t.ok(lines.some((line) => line.startsWith('Indexers that signed another state')))
  t.is(subnetHealth(admin).ok, true)
  await admin.desk.post({ message: 'goes on' })
  t.absent(isTold(admin))
})
