import test from 'brittle'
import { rejectionOf } from '../../helpers/errors.ts'
import { viewOf } from '../../helpers/subnet/damage.ts'
import { isConfirmed, untilAll } from '../../helpers/subnet/indexers.ts'
import { until } from '../../helpers/subnet/member.ts'
import {
  FAULTY,
  isTold,
  look,
  makeIndexers,
  openAgain,
  openCast,
  subnetHealth,
  untilMended,
  untilSplit
} from '../../helpers/subnet/split.ts'

test('a peer that computes something else is told, and is well again with the right app', {
  timeout: 50_000
}, async (t) => {
  const cast = await openCast(t)
  const { admin, good, faulty } = cast
  await admin.desk.post({ message: 'easy' })
  await untilAll([good, faulty], (member) => isConfirmed(member))
  t.alike((await look(faulty))?.differing, [], 'until there is something to differ in')
  t.is(subnetHealth(faulty).ok, true)

  await admin.desk.post({ message: 'hard' })
  await untilSplit(faulty, true)
  t.ok(isTold(faulty))
  t.is(subnetHealth(faulty).ok, false)
  t.ok(subnetHealth(faulty).detail.startsWith('state_split: '))
  const { result, lines } = await faulty.desk.stats()
  t.alike([result.split, result.differingIndexers], [true, [admin.desk.writerKey]])
  t.ok(
    lines.some((line) => line.startsWith('Split off (state_split)')),
    lines.join('\n')
  )

  const dispatch = { type: 'any', value: null }
  for (const work of [
    () => faulty.desk.tx({ command: dispatch }),
    () => faulty.desk.tx({ command: dispatch, sim: true }),
    () => faulty.desk.post({ message: 'no' }),
    () => faulty.desk.get('heard/hard'),
    () => faulty.desk.list({ prefix: 'heard/' }),
    () => faulty.desk.subnet.protocol.getSigned('heard/hard')
  ])
    t.is((await rejectionOf(work())).code, 'state_split')
  t.is(
    await faulty.desk.get('heard/hard', false),
    'something else',
    'the latest state is still to be looked at'
  )

  await untilAll([good], (member) => isConfirmed(member))
  t.alike(await look(good), { quorum: 1, agreeing: 1, differing: [], theirs: null })
  t.absent([admin, good].some((member) => isTold(member) || member.desk.split))

  await faulty.close()
  const mended = await openAgain(t, cast, faulty)
  t.ok(mended.desk.split, 'from the start, before the indexers were heard')
  t.is((await rejectionOf(mended.desk.post({ message: 'no' }))).code, 'state_split')
  let unnamed = false
  mended.desk.on('unnamed', () => {
    unnamed = true
  })
  // Whatever it was, it must not be remembered.
  await mended.desk.get('heard/hard', false)
  await untilMended(mended)
  t.is(await mended.desk.get('heard/hard'), 'hard')
  t.is(await viewOf(mended), await viewOf(admin))
  t.ok(unnamed, 'whoever follows the state reads it again')
  t.is(subnetHealth(mended).ok, true)
  await admin.desk.post({ message: 'hard again' })
  await until(mended, async () => (await mended.desk.get('heard/hard again', false)) !== null)
  await untilAll([mended], (member) => isConfirmed(member))
  t.is(await mended.desk.get('heard/hard again'), 'hard again')
  t.absent(mended.desk.split)
})

test('one that split off is told, and mended, though the indexers changed since', {
  timeout: 50_000
}, async (t) => {
  const cast = await openCast(t)
  const { admin, good, faulty } = cast
  await admin.desk.post({ message: 'hard' })
  await untilSplit(faulty, true)
  await makeIndexers(admin, [good])
  await admin.desk.post({ message: 'easy' })
  await untilAll([admin, good], (member) => isConfirmed(member))
  await until(faulty, async () => (await faulty.desk.get('heard/easy', false)) === 'easy')
  await faulty.close()

  const again = await openAgain(t, cast, faulty, FAULTY)
  await again.desk.get('heard/hard', false)
  await untilMended(again)
  t.is(await again.desk.get('heard/hard'), 'hard')
  await admin.desk.post({ message: 'hard again' })
  await untilSplit(again, true)
  t.is(await again.desk.get('heard/hard', false), 'hard', 'with the same app it is well until the next time')
  await again.close()

  const mended = await openAgain(t, cast, faulty)
  await untilMended(mended)
  t.is(await viewOf(mended), await viewOf(admin))
  t.absent([admin, good].some((member) => isTold(member)))
})
