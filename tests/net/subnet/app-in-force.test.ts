import test from 'brittle'
import { Contract } from '../../../src/app/contract.ts'
import { Feature } from '../../../src/app/feature.ts'
import { hex32 } from '../../../src/base/hex.ts'
import { appOf, openMember, until } from '../../helpers/subnet/member.ts'
import { startDht } from '../../helpers/swarm.ts'

const hash = (fill: number) => hex32(new Uint8Array(32).fill(fill))
const app = (fill: number) => appOf((protocol) => new Contract(protocol), { hash: hash(fill) })

test('who runs another app than the one in force is told, also when that is said later', async (t) => {
  const dht = await startDht(t)
  const admin = await openMember(t, dht, [], { app: app(1) })
  await admin.desk.operate('add_admin', { address: admin.node.key })
  t.alike((await admin.desk.stats()).result.app.inForce?.hash, hash(1), 'recorded with the admin')

  const flags = ['--subnet-bootstrap', admin.desk.bootstrap]
  const same = await openMember(t, dht, flags, { app: app(1) })
  const other = await openMember(t, dht, flags, { app: app(2) })
  const warned = (lines: readonly string[]) => lines.some((line) => line.includes('ANOTHER APP IS IN FORCE'))
  for (const member of [same, other])
    await until(member, async () => (await member.desk.stats()).result.app.inForce !== null)
  await until(other, () => warned(other.logged))
  t.absent(warned(same.logged))
  t.absent(warned(admin.logged))
})

/** Fails at its first start. */
class Stumbling extends Feature {
  starts = 0

  override async start(): Promise<void> {
    if (this.starts++ === 0) throw new Error('not yet')
    await this.append('currentTime', this.starts)
  }

  override async stop(): Promise<void> {}
}

test('a feature that fails is started again', async (t) => {
  const dht = await startDht(t)
  const member = await openMember(t, dht, [], {
    app: appOf(
      (protocol) => {
        const contract = new Contract(protocol)
        contract.addFeature('timer_feature', () =>
          contract.put('started', (contract.op as { value: unknown }).value)
        )
        return contract
      },
      { features: { timer: (host) => new Stumbling(host) } }
    )
  })
  const stumbling = member.desk.subnet.protocol.features.get('timer') as Stumbling
  const { subnet } = member.desk
  await subnet.append({ type: 'addAdmin', key: member.node.key, rules: 2, settlement: 'local' })
  await until(member, async () => (await member.desk.get('started', false)) === 2)
  t.is(stumbling.starts, 2)
  t.ok(member.logged.some((line) => line.includes('it is started again')))
})
