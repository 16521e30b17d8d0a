import test from 'brittle'
import { Stage } from '../../helpers/recipe.ts'

test('the start says what is missing and what is wrong', { timeout: 120_000 }, async (t) => {
  const stage = await Stage.open(t)
  const owner = await stage.start('owner')
  const { welcome } = await owner.welcome('one')
  const other = `${owner.key.startsWith('a') ? 'b' : 'a'}${owner.key.slice(1)}`
  const peer = await stage.start('peer', [
    ...['--sidechannels', 'one,two,three,four,closed'],
    ...['--sidechannel-owner', `one:${owner.key},two:${owner.key},three:${other}`],
    ...['--sidechannel-welcome', `one:${welcome.slice(0, 40)},two:${welcome},four:${welcome}`],
    ...['--sidechannel-invite-channels', 'closed', '--sidechannel-inviter-keys', owner.key],
    ...['--sidechannel-invite', `closed:${welcome}`]
  ])
  const lines = [
    /The --sidechannel-welcome of "one" is left out: it is not a welcome\.$/m,
    /The --sidechannel-welcome of "two" is left out: it is for another channel\.$/m,
    /The --sidechannel-welcome of "four" is left out: it is for another channel\./m,
    /The --sidechannel-invite of "closed" is left out: it is not an invite\.$/m,
    /"three" awaits its welcome: .*The owner \w+ sends it .*\/sc_join --channel three --welcome/,
    /"four" awaits its welcome: .*No owner is known for it\. .*--sidechannel-owner "four:<hex>"/,
    new RegExp(
      `Cannot join "closed": it is invite-only .*/sc_invite --channel closed --pubkey ${peer.key}; then /sc_join --channel closed --invite`
    )
  ]
  for (const line of lines) await peer.peer.saw(line)
  t.is(peer.peer.errors.split('\n').filter((line) => / warn /.test(line)).length, 9, 'one line each')

  const wrong = await stage.start('wrong', [
    ...['--sidechannel-owner', `one:${other}`, '--sidechannel-welcome', `one:${welcome}`]
  ])
  await wrong.peer.saw(/"one" is left out: it is not signed by the channel's owner\.$/m)
  const noOwner = await stage.start('noowner', ['--sidechannel-welcome', `one:${welcome}`])
  await noOwner.peer.saw(/"one" is left out: the owner of the channel is not known\. Give the owner key/)
})
