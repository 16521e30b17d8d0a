import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { OwnLog } from '../../../features/subnet/log/own-log.ts'
import { toHex } from '../../../src/base/hex.ts'
import { createLog } from '../../../src/base/log.ts'
import { PeerStore } from '../../../src/store/peer-store.ts'
import { beginSubnet, keepTornDatabase, removeMark, say, viewOf } from '../../helpers/subnet/damage.ts'
import { assertReplayed } from '../../helpers/subnet/kills.ts'
import { type OpenMember, openMember, until } from '../../helpers/subnet/member.ts'
import { once, startDht } from '../../helpers/swarm.ts'

const membersOf = async ({ desk }: OpenMember) => {
  const { core } = desk.subnet.base.system
  return `${core.length} ${toHex(await core.treeHash())}`
}

test('where nothing was noted, a batch that was torn is applied once all the same', async (t) => {
  const dht = await startDht(t)
  const maker = await openMember(t, dht)
  const { folder } = maker
  await beginSubnet(maker)
  const restore = keepTornDatabase(maker, 'before')
  await say(maker, 1)
  const { length } = maker.desk.subnet.base.local
  await maker.close()
  restore()
  removeMark(folder)
  const back = await openMember(t, dht, [], { folder })
  t.is(back.desk.subnet.base.local.length, length, 'it is in the log')
  t.is(await back.desk.get('msgl', false), 1)
  await say(back, 1)
  await assertReplayed(t, back)
})

test('whoever only reads writes a batch in one piece', async (t) => {
  const dht = await startDht(t)
  const writer = await openMember(t, dht)
  await beginSubnet(writer)
  const flags = ['--subnet-bootstrap', writer.desk.bootstrap]
  for (const when of ['before', 'after'] as const) {
    const reader = await openMember(t, dht, flags)
    const { folder } = reader
    await until(reader, async () => (await reader.desk.get('chat_status', false)) === 'on')
    const before = ((await writer.desk.get('msgl', false)) as number | null) ?? 0
    const restore = keepTornDatabase(reader, when)
    await say(writer, 3)
    await until(reader, async () => (await reader.desk.get('msgl', false)) === before + 3)
    t.is(reader.desk.subnet.base.local.length, 0)
    await reader.close()
    restore()
    const back = await openMember(t, dht, flags, { folder })
    const [here, there] = [back.desk.subnet.base, writer.desk.subnet.base]
    while (here.system.core.length < there.system.core.length) await once(here, 'update')
    t.is(await viewOf(back), await viewOf(writer), when)
    t.is(await membersOf(back), await membersOf(writer))
    await back.close()
  }
})

test('that a run has begun is noted before it writes anything', async (t) => {
  const dht = await startDht(t)
  const writer = await openMember(t, dht)
  const { folder } = writer
  await beginSubnet(writer)
  await writer.close()
  const mark = path.join(folder, 'peer', 'subnet-written')
  t.ok(fs.readFileSync(mark, 'utf-8').endsWith(' shut\n'))
  const store = new PeerStore(path.join(folder, 'peer'), { now: Date.now })
  await store.ready()
  t.teardown(() => store.close())
  const log = createLog({ level: 'error', json: false, write: () => {}, now: Date.now })
  const ownLog = new OwnLog({ store, log, patience: 0, meet: () => {} })
  await ownLog.restore()
  t.ok(fs.readFileSync(mark, 'utf-8').endsWith(' open\n'))
  ownLog.close(true)
  t.ok(fs.readFileSync(mark, 'utf-8').endsWith(' shut\n'))
})
