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
