import test from 'brittle'
import { Timer } from '../../../features/timer/timer.ts'
import { beginSubnet } from '../../helpers/subnet/damage.ts'
import { GoldenContract } from '../../helpers/subnet/golden-contract.ts'
import { appOf, openMember, until } from '../../helpers/subnet/member.ts'
import { startDht } from '../../helpers/swarm.ts'

const HOURS = 6 * 3600 * 1000

test('a clock that is set back by hours holds up nothing', async (t) => {
  const dht = await startDht(t)
  let back = 0
  const now = () => Date.now() - back
  const timer = (host: ConstructorParameters<typeof Timer>[0]) =>
    new Timer(host, { update_interval: 20, now })
  const app = appOf((protocol) => new GoldenContract(protocol), { features: { timer } })
  const admin = await openMember(t, dht, [], { app, now })
  await beginSubnet(admin)
  const time = async () => Number(await admin.desk.get('currentTime', false))
  await until(admin, async () => (await time()) > 0)
  await admin.desk.operate('set_auto_add_writers', { enabled: 1 })
  const joiner = await openMember(t, dht, ['--subnet-bootstrap', admin.desk.bootstrap], { now })
  await until(joiner, () => joiner.desk.writable)
  const key = joiner.desk.writerKey
  await admin.desk.operate('remove_writer', { key })
  await until(joiner, () => !joiner.desk.writable)

  const before = now()
  back = HOURS
  await until(admin, async () => (await time()) < before - HOURS / 2)
  t.pass('the timer goes on, and tells the time of the clock')
  await admin.desk.operate('unban', { key })
  await until(joiner, () => joiner.desk.writable)
  t.pass('whoever asked just before asks again, and is heard')
  t.is((await joiner.desk.post({ message: 'hello' })).result.type, 'msg')
})
