import b4a from 'b4a'
import test from 'brittle'
import { toHex } from '../../../src/base/hex.ts'
import { GoldenContract } from '../../helpers/subnet/golden-contract.ts'
import { HostileContract } from '../../helpers/subnet/hostile-contract.ts'
import { admin, alice, appendWriter, byte, dropWriter, pen } from '../../helpers/subnet/ops.ts'
import { inAgreement, link, openPeer } from '../../helpers/subnet/peer.ts'
import { openScript } from '../../helpers/subnet/script.ts'

const [P, A] = [admin.publicKey, alice.publicKey]

for (const rules of [1, 2] as const) {
  test(`ruleset ${rules}: how much of a feature its signature covers (D16)`, async (t) => {
    const { feature, a, peer } = await openScript(t, rules)
    const { value, ...rest } = feature(admin, 'timer', 'other', 7) as { value: { dispatch: object } }
    const forge = (changes: object) => ({
      ...rest,
      value: { dispatch: { ...value.dispatch, ...changes } }
    })
    await peer.base.append(forge({ key: 'currentTime', address: A }))
    t.is(await peer.get('currentTime'), rules === 1 ? 7 : null, 'all of it in ruleset 2')
    const { value: chat, hash, nonce } = a(admin, 'setChatStatus', 'on') as Record<string, unknown>
    const { msg } = chat as { msg: unknown }
    const dispatch = { type: 'timer_feature', key: 'currentTime', hash, value: msg, nonce, address: P }
    await peer.base.append({ type: 'feature', key: 'x', value: { dispatch } })
    t.alike(await peer.get('currentTime'), rules === 1 ? msg : null, 'nor is it good for another operation')
  })

  test(`ruleset ${rules}: operations of the admin have a size (D39)`, async (t) => {
    const { b, accepts, refuses } = await openScript(t, rules)
    const large = (n: number, more: number) =>
      b(admin, 'setMod', { user: byte(n), mod: true, address: P, more: 'x'.repeat(more) })
    await accepts(large(1, 7000), { [`mod/${byte(1)}`]: true })
    if (rules === 1) await accepts(large(2, 9000), { [`mod/${byte(2)}`]: true })
    else await refuses(large(2, 9000), 'too large')
  })
}

for (const [taken, extra] of [
  ['removeWriter', dropWriter],
  ['addWriter', appendWriter]
] as const) {
  for (const rules of [1, 2] as const) {
    test(`ruleset ${rules}: ${taken} for who is an indexer, but has not written yet`, async (t) => {
      const { peer, a, accepts, subnet } = await openScript(t, rules)
      const bootstrap = b4a.from(subnet, 'hex')
      const other = await openPeer(t, { contract: new GoldenContract(), bootstrap })
      const key = toHex(other.base.local.key)
      await accepts(a(admin, 'addIndexer', key, appendWriter))
      await accepts(a(admin, taken, key, extra))
      link(t, peer, other)
      await inAgreement([peer, other])
      const indexers = rules === 1 ? 2 : 1
      const settled = () =>
        peer.base.system.indexers.length === indexers && other.base.isIndexer === (rules === 1)
      // Autobase itself lets one write whom it waits for, be it removed; the others hear of it with what comes after.
      for (let round = 0; round < 2 || (round < 20 && !settled()); round++) {
        await other.base.ack()
        if (other.base.writable) await other.base.append({ type: 'hello' })
        await peer.base.append(a(admin, 'setChatStatus', round % 2 === 0 ? 'on' : 'off'))
        await inAgreement([peer, other])
      }
      t.is(peer.base.system.indexers.length, indexers)
      t.is(other.base.isIndexer, rules === 1)
    })
  }
}

test('ruleset 1: one more byte than a block of the view has room for', { timeout: 120_000 }, async (t) => {
  const { b, accepts, refuses } = await openScript(t, 1)
  const mute = (bytes: number) =>
    b(admin, 'muteStatus', { user: 'ab'.repeat(bytes), muted: true, address: P })
  await accepts(mute(6.9 * 1024 * 1024), {}, 2)
  await refuses(mute(7.4 * 1024 * 1024), 'the log has room for it, but the view might not')
})

test('where the ruleset was chosen, no contract chooses another', async (t) => {
  const tx = (key: string, n: number) => ({
    type: 'tx',
    key: byte(n),
    value: { msbsl: 0, dispatch: { type: 'writes under', value: { key } }, ipk: A, wp: byte(3) }
  })
  const open = async (choice: object) => {
    const yes = { verify: async () => true }
    const peer = await openPeer(t, { contract: new HostileContract(), settlements: { msb: yes, local: yes } })
    await peer.base.append({ type: 'addAdmin', key: P, ...choice })
    for (const [i, key] of ['rules', 'settlement'].entries()) await peer.base.append(tx(key, i))
    return peer
  }
  const free = await open({})
  t.is(await free.get('rules'), 'written', 'as in deployed subnets, where it is a key like any other')
  await free.base.append(pen(1).a(admin, 'setChatStatus', 'on'))
  t.is(await free.get('chat_status'), 'on')
  for (const choice of [{ settlement: 'local' }, { rules: 1 }, { rules: 2, settlement: 'local' }]) {
    const chosen = await open(choice)
    t.is((await chosen.get('rules')) ?? 0, choice.rules ?? 0)
    t.is((await chosen.get('settlement')) ?? 'none', choice.settlement ?? 'none')
    const { err } = (await chosen.get('txi/0')) as { err: string }
    t.is(err, 'put(key,value): rulesis reserved')
  }
})
