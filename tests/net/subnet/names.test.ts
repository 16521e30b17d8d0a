import test from 'brittle'
import { beginSubnet } from '../../helpers/subnet/damage.ts'
import { type OpenMember, openMember, until } from '../../helpers/subnet/member.ts'
import { startDht } from '../../helpers/swarm.ts'

const topicsOf = ({ node }: OpenMember) => node.network.status().topics
const neighboursOf = ({ desk }: OpenMember) =>
  desk.subnet.members.sessions.map(({ neighbour }) => neighbour.key)

test('subnets whose channels deployed peers take for one never meet: "ab" and "abab" (D32)', async (t) => {
  const dht = await startDht(t)
  const [ab, abab] = [
    await openMember(t, dht, ['--subnet-channel', 'ab']),
    await openMember(t, dht, ['--subnet-channel', 'abab'])
  ]
  const joiners: OpenMember[] = []
  for (const admin of [ab, abab]) {
    await beginSubnet(admin)
    const flags = ['--subnet-bootstrap', admin.desk.bootstrap, '--subnet-channel', admin.desk.channel ?? '']
    const joiner = await openMember(t, dht, flags)
    await until(joiner, async () => (await joiner.desk.get('chat_status', false)) === 'on')
    joiners.push(joiner)
  }
  for (const [i, admin] of [ab, abab].entries()) {
    const joiner = joiners[i] as OpenMember
    t.is(await joiner.desk.get('admin', false), admin.node.key)
    t.alike(neighboursOf(joiner), [admin.node.key])
    t.alike(neighboursOf(admin), [joiner.node.key])
    t.is(topicsOf(admin), 1)
    // It joined under both names. That the ruleset is known it learns beside what it applies.
    while (topicsOf(joiner) > 1) await admin.desk.post({ message: 'a step' })
  }
  await ab.close()
  const again = await openMember(t, dht, [], { folder: ab.folder })
  t.is(again.desk.channel, 'ab')
  t.is(topicsOf(again), 1, 'nor is the old name announced after a restart')
})
