import test from 'brittle'
import type { Signer } from '../../../src/base/signature.ts'
import { random } from '../../helpers/random.ts'
import { admin, alice, bob } from '../../helpers/subnet/ops.ts'
import type { Peer } from '../../helpers/subnet/peer.ts'
import { Story } from '../../helpers/subnet/story.ts'

const people: readonly Signer[] = [admin, alice, bob]

test('operations that were applied are taken back when older ones come to light', async (t) => {
  const story = await Story.open(t, random(1), { rules: 2, peers: 3, indexers: 2 })
  const { peers, pen } = story
  await story.part()
  for (const [i, { publicKey: address }] of people.entries()) {
    const nick = pen.b(people[i] as Signer, 'setNick', { nick: 'same', address, initiator: address })
    await (peers[i] as Peer).base.append(nick)
  }
  const owners = await Promise.all(peers.map((peer) => peer.get('kcin/same')))
  t.alike(
    owners,
    people.map(({ publicKey }) => publicKey),
    'alone, each has it'
  )
  await story.meet()
  const [one, ...others] = await Promise.all(peers.map((peer) => peer.get('kcin/same')))
  t.alike(others, [one, one], 'together, one has')
  const losers = people.filter(({ publicKey }) => publicKey !== one)
  for (const { publicKey } of losers) t.is(await (peers[0] as Peer).get(`nick/${publicKey}`), null)
})
