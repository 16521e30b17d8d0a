import b4a from 'b4a'
import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { Stage } from '../../helpers/recipe.ts'

test('send on a protected channel, invite and welcome from files', { timeout: 120_000 }, async (t) => {
  const stage = await Stage.open(t)
  const flags = ['--sidechannel-invite-required', '1', '--sidechannel-invite-channels', 'vault']
  const owner = await stage.start('owner', flags)
  const { welcome } = await owner.welcome('vault')
  await owner.run('/sc_join --channel vault', 'Joined "vault"')
  const sender = await stage.start('sender', [
    ...flags,
    ...['--sidechannel-inviter-keys', owner.key, '--sidechannel-owner', `vault:${owner.key}`]
  ])
  const { invite } = await owner.invite('vault', sender.key)
  fs.writeFileSync(path.join(stage.cwd, 'invite.json'), `${fromBase64(invite)}\n`)
  fs.writeFileSync(path.join(stage.cwd, 'welcome.b64'), welcome)

  await sender.run(
    '/sc_send --channel vault --message no',
    /Command failed: Cannot send in "vault": it is invite-only/
  )
  const send = '/sc_send --channel vault --message "the code" --invite @invite.json --welcome @./welcome.b64'
  // The first one joins the channel, so nobody may be there yet.
  await sender.until(send, /Sent to (\d)/, ([, neighbours]) => neighbours === '1')
  await owner.heard(sender, 'vault', 'the code')
  await sender.run(
    '/sc_send --channel vault --message x --invite @missing',
    /Command failed: --invite of \/sc_send: cannot read "@missing" \(ENOENT\)/
  )
  await sender.run(
    `/sc_send --channel vault --message ${'x'.repeat(260_000)}`,
    /Command failed: The message is larger than 255904 bytes/
  )
})

test('a joiner whose invite and welcome are given at join, while the owner is offline', {
  timeout: 55_000
}, async (t) => {
  const stage = await Stage.open(t)
  const flags = ['--sidechannel-invite-required', '1', '--sidechannel-invite-channels', 'vault']
  const owner = await stage.start('owner', flags)
  const { welcome } = await owner.welcome('vault')
  const more = ['--sidechannel-inviter-keys', owner.key, '--sidechannel-owner', `vault:${owner.key}`]
  const [friend, joiner] = await Promise.all([
    stage.start('friend', [...flags, ...more]),
    stage.start('joiner', [...flags, ...more])
  ])
  const invites = [await owner.invite('vault', friend.key), await owner.invite('vault', joiner.key)]
  await owner.stop()
  const join = (index: number) => `/sc_join --channel vault --invite ${invites[index]?.invite}`
  await joiner.run(`${join(1)} --welcome ${welcome}`, 'Joined "vault"')
  t.absent((await joiner.rules('vault')).includes('awaiting'))
  // The friend's invite brings none: it comes from the joiner, once each has shown its invite to the other.
  const { payload, sig } = JSON.parse(fromBase64(invites[0]?.invite ?? ''))
  const bare = JSON.stringify({ payload, sig })
  await friend.run(`/sc_join --channel vault --invite '${bare}'`, 'Joined "vault"')
  await Promise.all([friend.meets('vault', 1), joiner.meets('vault', 1)])
  while ((await friend.rules('vault')).includes('awaiting'))
    await new Promise((resolve) => setTimeout(resolve, 50))
  await friend.sends('vault', 'welcome in')
  await joiner.heard(friend, 'vault', 'welcome in')
  await joiner.sends('vault', 'thank you')
  await friend.heard(joiner, 'vault', 'thank you')
})

function fromBase64(text: string): string {
  return b4a.toString(b4a.from(text, 'base64'))
}
