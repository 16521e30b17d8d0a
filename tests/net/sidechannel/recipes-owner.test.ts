import test from 'brittle'
import { Stage } from '../../helpers/recipe.ts'

test('my channel where only I post', { timeout: 120_000 }, async (t) => {
  const stage = await Stage.open(t)
  const first = await stage.start('owner')
  const { welcome } = await first.welcome('news')
  await first.stop()

  const flags = [
    ...['--sidechannels', 'news'],
    ...['--sidechannel-owner', `news:${first.key}`],
    ...['--sidechannel-welcome', `news:${welcome}`],
    ...['--sidechannel-owner-write-channels', 'news']
  ]
  const [owner, listener] = await Promise.all([stage.start('owner', flags), stage.start('listener', flags)])
  await owner.meets('news', 1)
  await owner.sends('news', 'first post')
  await listener.heard(owner, 'news', 'first post')
  await listener.run(
    '/sc_send --channel news --message mine',
    /Command failed: Only the owner of "news".*may write/
  )
  await owner.run(
    '/sc_stats',
    /^"news": 1 neighbour, owner [0-9a-f]{64}, owner writes\n {2}received 0, sent 1/m
  )

  // A listener that plays by other rules: its post reaches the others and is dropped there.
  await owner.stop()
  const rogue = await stage.start('rogue', flags.slice(0, 6))
  await rogue.meets('news', 1)
  await rogue.sends('news', 'buy now')
  const dropped = /^"news": .*\n.*dropped: (.*)$/m
  await listener.until('/sc_stats', dropped, ([, drops]) => drops === 'owner_only 1')
  t.absent(listener.peer.output.includes('buy now'))
})

test('the command that the owner prints is all that a listener needs', { timeout: 120_000 }, async (t) => {
  const stage = await Stage.open(t)
  const name = "the owner's $HOME"
  const owner = await stage.start('owner', [
    ...['--sidechannel-owner-write-channels', name],
    ...['--sidechannel-pow-difficulty', '10']
  ])
  const { joiner } = await owner.welcome(name)
  await owner.run(`/sc_join --channel "${name}"`, `Joined "${name}"`.replace('$', '\\$'))
  const listener = await stage.startWith('listener', joiner)
  const post = `/sc_send --channel "${name}" --message hello`
  await owner.until(post, /Sent to (\d)/, ([, neighbours]) => neighbours === '1')
  await listener.peer.saw(`${owner.key}: hello`)
  await listener.run(`/sc_send --channel "${name}" --message mine`, /Command failed: Only the owner/)
  t.absent(/awaits its welcome/.test(listener.peer.errors))
})
