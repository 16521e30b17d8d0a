import test from 'brittle'
import { toHex } from '../../../src/base/hex.ts'
import { random } from '../../helpers/random.ts'
import { GoldenContract } from '../../helpers/subnet/golden-contract.ts'
import { admin, alice, appendWriter, byte, dropWriter, pen } from '../../helpers/subnet/ops.ts'
import { openPeer } from '../../helpers/subnet/peer.ts'
import { openScript } from '../../helpers/subnet/script.ts'
import { Story } from '../../helpers/subnet/story.ts'

const [P, A] = [admin.publicKey, alice.publicKey]

for (const rules of [1, 2] as const) {
  test(`ruleset ${rules}: each operation of a batch finds what those before it did`, async (t) => {
    const { peer, a, b } = await openScript(t, rules)
    await peer.base.append([
      a(alice, 'setChatStatus', 'on'),
      b(admin, 'updateAdmin', { admin: A, address: P }),
      b(admin, 'setMod', { user: byte(1), mod: true, address: P }),
      b(alice, 'setMod', { user: byte(2), mod: true, address: A }),
      b(alice, 'updateAdmin', { admin: P, address: A }),
      b(alice, 'setMod', { user: byte(3), mod: true, address: A }),
      a(admin, 'setAutoAddWriters', 'on'),
      { type: 'autoAddWriter', key: byte(4) },
      a(admin, 'removeWriter', byte(4), dropWriter),
      { type: 'autoAddWriter', key: byte(4) }
    ])
    t.is(await peer.get('chat_status'), null, 'not the admin yet')
    t.is(await peer.get(`mod/${byte(1)}`), null, 'no longer the admin')
    t.is(await peer.get(`mod/${byte(2)}`), true, 'the admin by then')
    t.is(await peer.get(`mod/${byte(3)}`), null, 'no longer')
    t.is(await peer.get('admin'), P)
    t.is((await peer.member(byte(4)))?.isRemoved, rules === 2, 'a ban holds at once')
  })

  test(`ruleset ${rules}: a batch does not leave the subnet without an indexer`, async (t) => {
    const story = await Story.open(t, random(1), { rules, peers: 2, indexers: 2 })
    const [one, two] = story.peers.map(({ base }) => toHex(base.local.key)) as [string, string]
    const [{ base }] = story.peers as [(typeof story.peers)[0]]
    t.is(base.system.indexers.length, 2)
    const { a } = story.pen
    await base.append([
      a(admin, 'addIndexer', byte(1), appendWriter),
      a(admin, 'removeWriter', one, dropWriter),
      a(admin, 'addWriter', two, appendWriter),
      a(admin, 'removeWriter', two, dropWriter)
    ])
    await story.meet()
    t.alike(
      base.system.indexers.map(({ key }) => toHex(key)),
      [two],
      'the last one stays'
    )
    const [, second] = story.peers
    await second?.base.append(a(admin, 'setChatStatus', 'off'))
    await story.meet()
    t.is(await story.peers[0]?.get('chat_status'), 'off')
    t.is(second?.base.view.core.signedLength, second?.base.view.core.length, 'and confirms')
  })
}

test('the ruleset holds from the operation on that chooses it', async (t) => {
  const peer = await openPeer(t, { contract: new GoldenContract() })
  const [one, two] = [pen(1), pen(2, toHex(peer.base.key), 100)]
  await peer.base.append([
    one.a(admin, 'setChatStatus', 'on'),
    { type: 'addAdmin', key: P, rules: 2, settlement: 'local' },
    one.a(admin, 'setChatStatus', 'on'),
    two.a(admin, 'setAutoAddWriters', 'on')
  ])
  t.is(await peer.get('chat_status'), null, 'neither before it nor by the other ruleset')
  t.is(await peer.get('auto_add_writers'), 'on')
})
