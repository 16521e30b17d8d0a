import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { IntercomError } from '../../../src/base/errors.ts'
import {
  beginSubnet,
  cutNewestLog,
  damage,
  databaseOf,
  keepDatabase,
  removeMark,
  say,
  viewOf
} from '../../helpers/subnet/damage.ts'
import { assertReplayed } from '../../helpers/subnet/kills.ts'
import { openMember, until } from '../../helpers/subnet/member.ts'
import { once, startDht } from '../../helpers/swarm.ts'

/** What keeps it from opening, or null. */
async function refusalOf(opening: Promise<unknown>): Promise<IntercomError | null> {
  try {
    await opening
    return null
  } catch (error) {
    if (error instanceof IntercomError) return error
    throw error
  }
}

test('what the database has lost of the own log is given back by a neighbour, or the start is refused', async (t) => {
  const dht = await startDht(t)
  const writer = await openMember(t, dht)
  const { folder } = writer
  await beginSubnet(writer)
  const reader = await openMember(t, dht, ['--subnet-bootstrap', writer.desk.bootstrap])
  await say(writer, 30)
  await until(reader, async () => (await reader.desk.get('msgl', false)) === 30)
  await writer.close()
  cutNewestLog(folder)
  const back = await openMember(t, dht, [], { folder })
  await until(back, async () => (await back.desk.get('msgl', false)) === 30)
  const { result } = await back.desk.post({ message: 'after' })
  t.is(result.n, 30, 'nothing is lost, and it goes on')
  await until(reader, async () => (await reader.desk.get('msgl', false)) === 31)
  t.is(await viewOf(reader), await viewOf(back))
  await assertReplayed(t, back)

  await back.close()
  await reader.close()
  cutNewestLog(folder)
  const refusal = await refusalOf(openMember(t, dht, [], { folder, times: { ownLog: 200 } }))
  t.is(refusal?.code, 'store_broken')
  t.ok(/\d+ of 34 entries are there/.test(refusal?.message ?? ''), refusal?.message)
  t.ok(refusal?.next.includes('subnet-written'), 'how to go on without it')
})

test('nothing is lost without a word where no neighbour is there, nor by a database that was emptied', async (t) => {
  const dht = await startDht(t)
  const writer = await openMember(t, dht)
  const { folder } = writer
  await beginSubnet(writer)
  const flags = ['--subnet-bootstrap', writer.desk.bootstrap]
  const reader = await openMember(t, dht, flags)
  await say(writer, 10)
  await until(reader, async () => (await reader.desk.get('msgl', false)) === 10)
  await reader.close()
  await writer.close()
  cutNewestLog(folder)
  const short = await refusalOf(openMember(t, dht, [], { folder, times: { ownLog: 200 } }))
  t.is(short?.code, 'store_broken', short?.message)
  removeMark(folder)
  const rest = await openMember(t, dht, [], { folder })
  const { total } = await rest.desk.messages({})
  t.ok(total > 0 && total < 10, `${total} of 10 are left`)
  t.is((await rest.desk.post({ message: 'after' })).result.n, total)
  const split = once<string>(rest.desk.subnet, 'interrupted')
  const other = await openMember(t, dht, flags, { folder: reader.folder })
  t.ok(/split in two/.test(await split), 'there was somebody all the same: two logs of one are noticed')
  t.is(await other.desk.get('msgl', false), 10, 'who has the first one keeps it')
  await other.close()
  await rest.close()

  const db = databaseOf(folder)
  for (const name of fs.readdirSync(db)) if (name !== 'keypair.json') fs.unlinkSync(path.join(db, name))
  const emptied = await refusalOf(openMember(t, dht, [], { folder }))
  t.is(emptied?.code, 'store_broken')
  t.ok(/another one, or was emptied/.test(emptied?.message ?? ''), emptied?.message)
})

test('where nobody noted how far the log had come, it stops rather than split it', async (t) => {
  const dht = await startDht(t)
  const writer = await openMember(t, dht)
  const { folder } = writer
  await beginSubnet(writer)
  const reader = await openMember(t, dht, ['--subnet-bootstrap', writer.desk.bootstrap])
  await say(writer, 20)
  await until(reader, async () => (await reader.desk.get('msgl', false)) === 20)
  await writer.close()
  cutNewestLog(folder)
  removeMark(folder)
  const behind = await openMember(t, dht, [], { folder })
  t.ok(
    /Start the node again/.test(
      behind.desk.subnet.interrupted ?? (await once(behind.desk.subnet, 'interrupted'))
    )
  )
  await t.exception(behind.desk.post({ message: 'lost' }), /stopped here/)
  t.absent(behind.desk.writable)
  await behind.close()
  const again = await openMember(t, dht, [], { folder })
  await until(again, async () => (await again.desk.get('msgl', false)) === 20)
  t.is((await again.desk.post({ message: 'found' })).result.n, 20)
  await until(reader, async () => (await reader.desk.get('msgl', false)) === 21)
  t.is(await viewOf(reader), await viewOf(again))
})

test('a damaged file of the database: refused, or all of it is there', async (t) => {
  const dht = await startDht(t)
  const first = await openMember(t, dht)
  const { folder } = first
  await beginSubnet(first)
  await say(first, 40, 'x'.repeat(500))
  await first.close()
  // What was in its log is written to a table at the next opening.
  const second = await openMember(t, dht, [], { folder })
  await say(second, 2)
  const whole = await viewOf(second)
  await second.close()
  const restore = keepDatabase(folder)
  const db = databaseOf(folder)
  const [table = ''] = fs.readdirSync(db).filter((name) => name.endsWith('.sst'))
  const [manifest = ''] = fs.readdirSync(db).filter((name) => name.startsWith('MANIFEST'))
  for (const [name, kind] of [
    [table, 'cut'],
    [table, 'zeroed'],
    [table, 'garbled'],
    [manifest, 'garbled'],
    ['CURRENT', 'cut']
  ] as const) {
    restore()
    const file = path.join(db, name)
    damage(file, kind, Math.floor(fs.statSync(file).size / 2))
    const outcome = await openMember(t, dht, [], { folder, times: { ownLog: 200 } }).catch(
      (error: unknown) => error
    )
    if (outcome instanceof IntercomError)
      t.is(outcome.code, 'store_broken', `${name} ${kind}: ${outcome.message}`)
    else if (outcome instanceof Error) throw outcome
    else {
      const member = outcome as Awaited<ReturnType<typeof openMember>>
      t.is(await viewOf(member), whole, `${name} ${kind}: all of it is there`)
      await member.close()
    }
  }
})
