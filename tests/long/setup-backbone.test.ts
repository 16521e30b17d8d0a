import test from 'brittle'
import fs from '#fs'
import type { Hex32 } from '../../src/base/hex.ts'
import { tokenText } from '../../src/base/token-text.ts'
import { hear, until } from '../helpers/heard.ts'
import { prepareNode } from '../helpers/node.ts'
import { Stage } from '../helpers/recipe.ts'
import { KEY, keyOf, SetUp } from '../helpers/setup.ts'
import { name } from '../unit/sidechannel/helpers.ts'

const DEN = name('den')
const INVITED = ['--sidechannel-invite-required', '1', '--sidechannel-invite-channels', DEN]

test('a backbone is invited before its first start, and others meet over it', async (t) => {
  const stage = await Stage.open(t)
  const blocked: string[] = []
  const firewall = (key: string) => blocked.includes(key)
  const preparedOwner = await prepareNode(t, stage.bootstrap, INVITED, undefined, { firewall })
  const { key: owner } = preparedOwner.node
  const rules = [...INVITED, '--sidechannel-inviter-keys', owner, '--sidechannel-owner', `${DEN}:${owner}`]
  const setup = new SetUp(t)
  const local = ['--local', '--local-port', String(stage.bootstrap[0]?.port)]
  const [preparedFar, said] = await Promise.all([
    prepareNode(t, stage.bootstrap, rules, undefined, { firewall }),
    setup.init(['--role', 'backbone', '--metrics-port', '0', ...local])
  ])
  const key = keyOf(said) as Hex32
  blocked.push(owner, preparedFar.node.key)
  const [host, far] = await Promise.all([preparedOwner.start(), preparedFar.start()])
  host.sidechannels.welcome(DEN, 'Keep right.')
  t.ok(host.sidechannels.join(DEN).ok)
  const inviteFor = (key: Hex32) => host.sidechannels.invite(DEN, key, 600, null)
  t.ok(far.sidechannels.join(DEN, { invite: inviteFor(far.node.key) }).ok)

  await setup.init(['--owner', owner, '--channels', DEN, '--invite', tokenText(inviteFor(key))])
  t.absent(fs.existsSync(setup.file('CORESTORE')), 'it was never started')

  const backbone = setup.startByScript()
  t.is((await backbone.saw(KEY))[1], key)
  await backbone.saw('one of the invites of the first run is kept now')
  for (const { sidechannels } of [host, far]) {
    const channel = sidechannels.channels.get(DEN)
    const isThere = () => channel?.isAuthorised(key, Date.now()) === true
    await until(sidechannels, 'changed', () => isThere() && channel?.sessions.length === 1)
  }
  const [atHost, atFar] = [hear(host.sidechannels), hear(far.sidechannels)]
  await host.sidechannels.send(DEN, 'can you hear me')
  await atFar.count(1)
  await far.sidechannels.send(DEN, 'over the backbone')
  await atHost.count(1)
  const came = [...atHost.all, ...atFar.all].map(({ message }) => [message.message, message.relayedBy])
  t.alike(came, [
    ['over the backbone', key],
    ['can you hear me', key]
  ])
})
