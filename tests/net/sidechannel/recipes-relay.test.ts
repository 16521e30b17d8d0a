import test from 'brittle'
import { hear, until } from '../../helpers/heard.ts'
import { prepareNode } from '../../helpers/node.ts'
import { Stage } from '../../helpers/recipe.ts'
import { name } from '../../unit/sidechannel/helpers.ts'

const LANE = name('lane')
const INVITED = ['--sidechannel-invite-required', '1', '--sidechannel-invite-channels', LANE]
const QUIET = [
  ...['--sidechannel-quiet', '1'],
  ...['--sidechannel-allow-remote-open', '0'],
  ...['--sidechannel-auto-join', '0']
]

test('a quiet backbone carries what two peers that cannot reach each other say', {
  timeout: 55_000
}, async (t) => {
  const stage = await Stage.open(t)
  const blocked: string[] = []
  const firewall = (key: string) => blocked.includes(key)
  const preparedOwner = await prepareNode(t, stage.bootstrap, INVITED, undefined, { firewall })
  const { key } = preparedOwner.node
  const rules = [...INVITED, '--sidechannel-inviter-keys', key, '--sidechannel-owner', `${LANE}:${key}`]
  const preparedFar = await prepareNode(t, stage.bootstrap, rules, undefined, { firewall })
  blocked.push(key, preparedFar.node.key)
  const [owner, far] = await Promise.all([preparedOwner.start(), preparedFar.start()])
  const backbone = await stage.start('backbone', [...rules, ...QUIET])

  owner.sidechannels.welcome(LANE, 'Keep right.')
  t.ok(owner.sidechannels.join(LANE).ok)
  const inviteFor = (invitee: typeof key) => owner.sidechannels.invite(LANE, invitee, 600, null)
  t.ok(far.sidechannels.join(LANE, { invite: inviteFor(far.node.key) }).ok)
  const invite = JSON.stringify(inviteFor(backbone.key as typeof key))
  await backbone.run(`/sc_join --channel ${LANE} --invite '${invite}'`, 'Joined "lane"')
  await backbone.meets(LANE, 2)
  for (const { sidechannels } of [owner, far]) {
    const channel = sidechannels.channels.get(LANE)
    const isThere = () => channel?.isAuthorised(backbone.key as typeof key, Date.now()) === true
    await until(sidechannels, 'changed', () => isThere() && channel?.sessions.length === 1)
  }

  const heard = [hear(owner.sidechannels), hear(far.sidechannels)]
  const [atOwner, atFar] = heard
  await owner.sidechannels.send(LANE, 'can you hear me')
  await atFar?.count(1)
  await far.sidechannels.send(LANE, 'over the backbone')
  await atOwner?.count(1)
  const came = heard.map((each) =>
    each.all.map(({ message, verified }) => [message.message, message.relayedBy, verified])
  )
  t.alike(came, [[['over the backbone', backbone.key, true]], [['can you hear me', backbone.key, true]]])
  t.absent(owner.node.network.neighbours.has(far.node.key), 'they never met')

  // It takes no part: nothing printed, no request accepted.
  await owner.sidechannels.open(name('elsewhere'), name('0000intercom'), {})
  await backbone.run(
    '/sc_stats',
    /^"lane": 2 neighbours.*\n {2}received \d, sent 0, relayed 2, dropped: none$/
  )
  await backbone.run('/sc_pending', 'No requests')
  t.absent(/can you hear me|over the backbone|elsewhere/.test(backbone.peer.output))
})
