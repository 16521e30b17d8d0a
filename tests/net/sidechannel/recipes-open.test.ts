import test from 'brittle'
import { Stage } from '../../helpers/recipe.ts'

test('channels opened on request: joined at once, on accepting, or not at all', {
  timeout: 55_000
}, async (t) => {
  const stage = await Stage.open(t)
  const owner = await stage.start('owner')
  const known = ['--sidechannel-owner', `side:${owner.key}`]
  const [eager, asked, closed] = await Promise.all([
    stage.start('eager', [...known, '--sidechannel-auto-join', '1']),
    stage.start('asked', known),
    stage.start('closed', [...known, '--sidechannel-allow-remote-open', '0'])
  ])
  await owner.meets('0000intercom', 3)
  await owner.run(
    '/sc_open --channel side',
    /Command failed: A request to open "side" needs the owner's welcome to it\. Sign one with \/sc_welcome/
  )
  await owner.run('/sc_welcome --channel side --text hello', 'This peer is not in it yet')
  await owner.run(
    '/sc_open --channel side',
    /Asked to open "side"\.\nSent to 3 neighbours in "0000intercom"\.\nJoin it here too: \/sc_join --channel side/
  )
  await owner.run('/sc_join --channel side', 'Joined "side"')
  await owner.meets('side', 1)

  await asked.peer.saw(`\\[open request\\] ${owner.key} asks to open "side": /sc_accept --channel side\n`)
  await asked.run('/sc_pending', `^"side" by ${owner.key}: /sc_accept --channel side$`)
  await asked.run('/sc_accept --channel side', 'Joined "side"')
  await asked.run('/sc_pending', 'No requests to open a channel')
  await asked.run('/sc_accept --channel side', /Command failed: Nobody has asked this peer to open "side"/)
  await owner.meets('side', 2)
  await owner.sends('side', 'here we are', 2)
  await Promise.all([eager, asked].map((member) => member.heard(owner, 'side', 'here we are')))
  t.absent((await asked.rules('side')).includes('awaiting'), 'the welcome came with the request')
  t.absent((await eager.rules('side')).includes('awaiting'), 'the welcome came with the request')

  await closed.run('/sc_pending', 'No requests to open a channel')
  t.absent(/open request/.test(closed.peer.output))
})

test('a request over another channel, by somebody who is not the owner', { timeout: 120_000 }, async (t) => {
  const stage = await Stage.open(t)
  const owner = await stage.start('owner')
  const { welcome } = await owner.welcome('hall')
  await owner.run('/sc_join --channel hall', 'Joined "hall"')
  const { welcome: next } = await owner.welcome('room')
  await owner.run('/sc_join --channel room', 'Joined "room"')
  const known = ['--sidechannel-owner', `hall:${owner.key},room:${owner.key}`, '--sidechannels', 'hall']
  const [friend, guest] = await Promise.all([stage.start('friend', known), stage.start('guest', known)])
  await Promise.all([friend.meets('hall', 2), guest.meets('hall', 2)])
  await friend.run(
    `/sc_open --channel room --via hall --welcome ${welcome}`,
    /Command failed: The welcome to "room" was refused: it is for another channel/
  )
  await friend.run(`/sc_open --channel room --via hall --welcome ${next}`, /Sent to 2 neighbours in "hall"/)
  await guest.peer.saw('asks to open "room"')
  await guest.run('/sc_accept --channel room', 'Joined "room"')
  await owner.meets('room', 1)
  t.absent(/open request/.test(owner.peer.output), 'the owner is in it already')
})
