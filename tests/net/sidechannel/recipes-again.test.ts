import b4a from 'b4a'
import test from 'brittle'
import { Stage } from '../../helpers/recipe.ts'

const FLAGS = ['--sidechannel-invite-required', '1', '--sidechannel-invite-channels', 'club']

test('leaving and joining again shows the invite and brings the welcome again', {
  timeout: 55_000
}, async (t) => {
  const stage = await Stage.open(t)
  const owner = await stage.start('owner', FLAGS)
  await owner.welcome('club')
  await owner.run('/sc_join --channel club', 'Joined "club"')
  const more = ['--sidechannel-inviter-keys', owner.key, '--sidechannel-owner', `club:${owner.key}`]
  const member = await stage.start('member', [...FLAGS, ...more])
  // Without a welcome inside: the owner's own has to come.
  const { invite } = await owner.invite('club', member.key)
  const bare = withoutWelcome(invite)
  for (const round of ['first', 'second']) {
    await member.run(`/sc_join --channel club --invite '${bare}'`, 'Joined "club"')
    await Promise.all([owner.meets('club', 1), member.meets('club', 1)])
    while ((await member.rules('club')).includes('awaiting'))
      await new Promise((resolve) => setTimeout(resolve, 50))
    await owner.sends('club', `to the ${round}`)
    await member.heard(owner, 'club', `to the ${round}`)
    await member.sends('club', `from the ${round}`)
    await owner.heard(member, 'club', `from the ${round}`)
    await member.run('/sc_leave --channel club', 'Left "club"')
    await owner.meets('club', 0)
  }
  await member.run('/sc_join --channel club', /Command failed: Cannot join "club".*no valid invite/)
  await member.run('/sc_leave --channel club', /Command failed: This peer is not in "club"/)
  await member.run('/sc_leave --channel 0000intercom', /Command failed: The entry channel .* never left/)
  t.is(owner.peer.errors.match(/neighbour gone/g), null, 'all on one connection')
})

test('a restart keeps what was granted, unless it is not to be kept', { timeout: 120_000 }, async (t) => {
  const stage = await Stage.open(t)
  const owner = await stage.start('owner', FLAGS)
  const { welcome } = await owner.welcome('club')
  await owner.run('/sc_join --channel club', 'Joined "club"')
  const more = [...FLAGS, '--sidechannel-inviter-keys', owner.key]
  const members = await Promise.all([
    stage.start('keeps', more),
    stage.start('forgets', [...more, '--sidechannel-persist', '0'])
  ])
  for (const member of members) {
    const { invite } = await owner.invite('club', member.key)
    const join = `/sc_join --channel club --owner ${owner.key} --invite ${invite} --welcome ${welcome}`
    await member.run(join, 'Joined "club"')
  }
  await owner.meets('club', 2)
  await Promise.all([owner, ...members].map((member) => member.stop()))

  const [again, keeps, forgets] = await Promise.all([
    stage.start('owner', FLAGS),
    stage.start('keeps', more),
    stage.start('forgets', [...more, '--sidechannel-persist', '0'])
  ])
  await Promise.all([again.meets('club', 1), keeps.meets('club', 1)])
  await again.sends('club', 'still here')
  await keeps.heard(again, 'club', 'still here')
  await keeps.sends('club', 'me too')
  await again.heard(keeps, 'club', 'me too')
  t.absent((await again.rules('club')).includes('awaiting'))
  await forgets.run('/sc_stats', '"0000intercom"')
  // Its answer stands behind all of the one before.
  await forgets.run('/sc_pending', 'No requests')
  t.absent(/"club"/.test(forgets.peer.output), 'nothing is known of it')
})

function withoutWelcome(invite: string): string {
  const { payload, sig } = JSON.parse(b4a.toString(b4a.from(invite, 'base64')))
  return JSON.stringify({ payload, sig })
}
