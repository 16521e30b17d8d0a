import test from 'brittle'
import { Stage } from '../../helpers/recipe.ts'

test('a public channel: anyone joins, at start or while running, and may write', {
  timeout: 55_000
}, async (t) => {
  const stage = await Stage.open(t)
  const first = await stage.start('owner')
  const { welcome } = await first.welcome('plaza')
  await first.stop()
  const flags = [
    ...['--sidechannels', 'plaza'],
    ...['--sidechannel-owner', `plaza:${first.key}`],
    ...['--sidechannel-welcome', `plaza:${welcome}`]
  ]
  const [owner, a] = await Promise.all([stage.start('owner', flags), stage.start('a', flags)])
  await owner.meets('plaza', 1)
  await owner.sends('plaza', 'hello all')
  await a.heard(owner, 'plaza', 'hello all')
  await a.sends('plaza', 'hello owner')
  await owner.heard(a, 'plaza', 'hello owner')

  // With nothing but the key of the owner: the welcome comes from the owner.
  const b = await stage.start('b')
  await b.run(`/sc_join --channel plaza --owner ${first.key}`, /Joined "plaza"\.\n"plaza" awaits its welcome/)
  await b.meets('plaza', 2)
  while ((await b.rules('plaza')).includes('awaiting'))
    await new Promise((resolve) => setTimeout(resolve, 50))
  await a.sends('plaza', 'who is new here', 2)
  await b.heard(a, 'plaza', 'who is new here')

  // With the line that /sc_welcome prints.
  const { join } = await owner.welcome('plaza')
  const c = await stage.start('c')
  await c.run(join, 'Joined "plaza"')
  t.absent((await c.rules('plaza')).includes('awaiting'))
  await c.meets('plaza', 3)
  await c.sends('plaza', 'me too', 3)
  await Promise.all([owner, a, b].map((member) => member.heard(c, 'plaza', 'me too')))

  // Without the owner key nothing can be believed, and the peer is told at once.
  const d = await stage.start('d')
  await d.run(
    '/sc_join --channel plaza',
    /awaits its welcome: .* No owner is known for it\. Give the owner key: .*--owner <hex>/
  )
  await d.run(
    `/sc_join --channel plaza --welcome ${welcome}`,
    /Command failed: The welcome to "plaza" cannot be verified: the owner of the channel is not known/
  )
})

test('the start says what is missing and what is wrong', { timeout: 55_000 }, async (t) => {
  const stage = await Stage.open(t)
  const owner = await stage.start('owner')
  const { welcome } = await owner.welcome('one')
  const other = `a${owner.key.slice(1).replace(/^a/, 'b')}`
  const peer = await stage.start('peer', [
    ...['--sidechannels', 'one,two,three,four,closed'],
    ...['--sidechannel-owner', `one:${owner.key},two:${owner.key},three:${other}`],
    ...['--sidechannel-welcome', `one:${welcome.slice(0, 40)},two:${welcome},four:${welcome}`],
    ...['--sidechannel-invite-channels', 'closed', '--sidechannel-inviter-keys', owner.key]
  ])
  const { errors } = peer.peer
  const lines = [
    /The --sidechannel-welcome of "one" is left out: it is not a welcome\.$/m,
    /The --sidechannel-welcome of "two" is left out: it is for another channel\.$/m,
    /The --sidechannel-welcome of "four" is left out: it is for another channel\./m,
    /"three" awaits its welcome: .*The owner \w+ sends it .*\/sc_join --channel three --welcome/,
    /"four" awaits its welcome: .*No owner is known for it\. .*--sidechannel-owner "four:<hex>"/,
    new RegExp(
      `Cannot join "closed": it is invite-only .*/sc_invite --channel closed --pubkey ${peer.key}; then /sc_join --channel closed --invite`
    )
  ]
  for (const line of lines) t.ok(line.test(errors), String(line))
  t.is(errors.split('\n').filter((line) => / warn /.test(line)).length, 8, 'one line each')

  const wrong = await stage.start('wrong', [
    ...['--sidechannel-owner', `one:${other}`, '--sidechannel-welcome', `one:${welcome}`]
  ])
  t.ok(
    /"one" is left out: it is not signed by the channel's owner\./.test(wrong.peer.errors),
    wrong.peer.errors
  )
  const noOwner = await stage.start('noowner', ['--sidechannel-welcome', `one:${welcome}`])
  t.ok(
    /"one" is left out: the owner of the channel is not known\. Give the owner key/.test(noOwner.peer.errors)
  )
})
