import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import { Agreement } from '../../../features/subnet/log/agreement.ts'
import { deferred } from '../../../src/base/deferred.ts'
import { createLog } from '../../../src/base/log.ts'
import { rejectionOf } from '../../helpers/errors.ts'
import { beginSubnet } from '../../helpers/subnet/damage.ts'
import { type OpenMember, openMember, until } from '../../helpers/subnet/member.ts'
import { signGarbage } from '../../helpers/subnet/split.ts'
import { startDht } from '../../helpers/swarm.ts'

const NEVER_MS = 1_000_000
const NOTE = 'intercom/split'

/** A reader that does not look by itself at what its one indexer signs, which is nothing but garbage. */
async function openReader(t: Assertions): Promise<OpenMember> {
  const dht = await startDht(t)
  const admin = await openMember(t, dht)
  signGarbage(admin)
  await beginSubnet(admin)
  const flags = ['--subnet-bootstrap', admin.desk.bootstrap]
  const reader = await openMember(t, dht, flags, { times: { agreement: NEVER_MS } })
  await until(reader, async () => (await reader.desk.get('chat_status', false)) === 'on')
  const { length, signedLength } = reader.desk.subnet.base.view.core
  t.ok(signedLength < length)
  return reader
}

function watch(t: Assertions, { desk }: OpenMember, interval: number) {
  const { base } = desk.subnet
  const heard = { splits: [] as boolean[], lines: [] as string[], first: deferred<void>() }
  const log = createLog({
    level: 'info',
    json: false,
    write: (line) => void heard.lines.push(line),
    now: Date.now
  })
  const onsplit = (split: boolean) => {
    heard.splits.push(split)
    heard.first.resolve()
  }
  const agreement = new Agreement(base, { log, interval, onsplit, onchange: () => {} })
  t.teardown(() => agreement.close(), { order: 10 })
  return { base, agreement, heard }
}

test('one that has split off confirms nothing, not even that there is nothing yet', async (t) => {
  const reader = await openMember(t, await startDht(t))
  t.is(reader.desk.subnet.base.view.core.signedLength, 0)
  t.is(await reader.desk.get('chat_status'), null)
  t.alike(await reader.desk.list({ prefix: '' }), [])
  Object.defineProperty(reader.desk.subnet, 'split', { value: true })
  for (const work of [
    () => reader.desk.get('chat_status'),
    () => reader.desk.list({ prefix: '' }),
    () => reader.desk.subnet.protocol.getSigned('chat_status')
  ])
    t.is((await rejectionOf(work())).code, 'state_split')
  t.is(await reader.desk.get('chat_status', false), null)
})

test('one look that differs is not believed', async (t) => {
  const reader = await openReader(t)
  const { base, agreement, heard } = watch(t, reader, 1)
  const [checkpoint] = base._applyState?.checkpoints ?? []
  if (checkpoint === undefined) return t.fail('nobody has signed')
  const { signatures } = checkpoint
  const third = deferred<void>()
  let looks = 0
  Object.defineProperty(checkpoint, 'signatures', {
    get() {
      looks++
      // As an update would ask for.
      if (looks === 2) setTimeout(() => base.emit('update'))
      if (looks === 3) third.resolve()
      return looks === 1 ? signatures : { system: null, user: [] }
    }
  })
  await agreement.start()
  await third.promise
  t.alike(heard.splits, [])
  t.alike(agreement.differing, [])
  Object.defineProperty(checkpoint, 'signatures', { value: signatures })
  base.emit('update')
  await heard.first.promise
  t.alike(heard.splits, [true], 'two in a row are')
})

test('where it cannot be noted that the state has split off, it is told, and noted later', async (t) => {
  const reader = await openReader(t)
  const { base, agreement, heard } = watch(t, reader, 10)
  const setUserData = base.setUserData
  const noted = deferred<void>()
  let failures = 0
  base.setUserData = async (key, value) => {
    if (key === NOTE && failures++ < 2) throw new Error('the disk is full')
    await setUserData.call(base, key, value)
    if (key === NOTE) noted.resolve()
  }
  await agreement.start()
  await heard.first.promise
  t.ok(agreement.split)
  await noted.promise
  t.is(String(await base.getUserData(NOTE)), 'yes')
  t.alike(heard.splits, [true], 'once')
  const told = heard.lines.filter((line) => line.includes('cannot note that the state has split off'))
  t.is(told.length, 2)
  t.ok(told[0]?.includes('the disk is full'), told[0])
})

test('where the state of the indexers cannot be taken over, it is tried less and less often', async (t) => {
  const INTERVAL = 10
  const reader = await openReader(t)
  const { base, agreement, heard } = watch(t, reader, INTERVAL)
  await base.setUserData(NOTE, b4a.from('yes'))
  const fifth = deferred<void>()
  const attempts: number[] = []
  base.forceFastForward = async () => {
    attempts.push(Date.now())
    if (attempts.length === 5) fifth.resolve()
    throw new Error('no block')
  }
  await agreement.start()
  await fifth.promise
  const took = (attempts[4] ?? 0) - (attempts[0] ?? 0)
  // Each time twice as long; the clock may be off by one for each.
  t.ok(took >= (1 + 2 + 4 + 8) * INTERVAL - 4, `${took} ms`)
  const told = heard.lines.filter((line) => line.includes('cannot take over the state of the indexers'))
  t.ok(told.length >= 4 && told[0]?.includes('no block'), told[0])
  t.absent(heard.lines.some((line) => line.includes('cannot compare')))
})
