import test from 'brittle'
import { createInvite } from '../../../features/sidechannel/grants.ts'
import { hear, neighbours, until } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { openRawDht, RawPeer } from '../../helpers/raw-peer.ts'
import { startDht } from '../../helpers/swarm.ts'
import { name } from '../../unit/sidechannel/helpers.ts'

const CLUB = name('club')
const ENTRY = name('0000intercom')
const RULES = [
  '--sidechannel-invite-required',
  '1',
  '--sidechannel-invite-channels',
  CLUB,
  '--sidechannel-pow',
  '0'
]

test('who is connected but not invited receives nothing: no message, no welcome', async (t) => {
  const bootstrap = await startDht(t)
  const owner = await openNode(t, bootstrap, RULES)
  const { key } = owner.node
  const member = await openNode(t, bootstrap, [
    ...RULES,
    ...['--sidechannel-inviter-keys', key, '--sidechannel-owner', `${CLUB}:${key}`]
  ])
  owner.sidechannels.welcome(CLUB, 'the word is swordfish')
  owner.sidechannels.join(CLUB)
  const invite = owner.sidechannels.invite(CLUB, member.node.key, 600, null)
  t.ok(member.sidechannels.join(CLUB, { invite }).ok)
  await neighbours(owner.sidechannels, CLUB, 1)
  await Promise.all([owner, member].map(({ sidechannels }) => sidechannels.announced()))
  const dht = openRawDht(t, bootstrap)
  const spies = [new RawPeer(dht, owner.node, 21), new RawPeer(dht, member.node, 22)]
  const entries = await Promise.all(spies.map((spy) => spy.join(ENTRY)))
  const channels = await Promise.all(spies.map((spy) => spy.join(CLUB)))

  // They ask for it in every way they have.
  const [atOwner, atMember] = channels
  const [spy] = spies
  if (!atOwner || !atMember || !spy) return
  const own = createInvite(
    {
      ...{ channel: CLUB, inviteePubKey: spy.signer.publicKey, inviterAddress: null },
      ...{ issuedAt: Date.now(), expiresAt: Date.now() + 60_000 }
    },
    spy.signer
  )
  atOwner.say({ control: 'auth', invite: own })
  atOwner.say({ control: 'auth', invite })
  atOwner.say({ control: 'welcome' })
  atOwner.say('let me in', { invite: own })
  atMember.say('let me in', { invite })
  entries[0]?.say({ control: 'open_channel', channel: CLUB, invite: own })

  const heard = hear(member.sidechannels)
  const there = owner.sidechannels.channels.get(CLUB)
  await until(owner.sidechannels, 'changed', () => there?.isAuthorised(member.node.key, Date.now()) === true)
  const sent = await owner.sidechannels.send(CLUB, 'the plan')
  t.is(sent.ok && sent.neighbours, 1, 'one of two')
  await heard.count(1)
  await member.sidechannels.send(CLUB, 'the answer')
  owner.sidechannels.welcome(CLUB, 'the word is herring')
  await owner.sidechannels.send(CLUB, 'the end')
  await heard.count(2)

  // On the same connections, so that whatever came before it has arrived when it does.
  await owner.sidechannels.send(ENTRY, 'marker')
  await Promise.all(
    entries.map((entry) =>
      entry.frames.until(() => entry.messages.some(({ message }) => message === 'marker'))
    )
  )
  t.alike(atOwner.messages, [], 'not one frame')
  // A member shows its invite to whoever takes part, since it cannot know who is invited too.
  const [shown, ...more] = atMember.messages
  const { welcome: _, ...bare } = invite
  t.alike(shown?.message, { control: 'auth', invite: bare })
  t.alike(more, [])
  const all = JSON.stringify([...entries, ...channels].map(({ messages }) => messages))
  t.absent(/the plan|the answer|the end|swordfish|herring/.test(all))
  t.ok((there?.drops.count('uninvited') ?? 0) > 0, 'what they sent was dropped')
})
