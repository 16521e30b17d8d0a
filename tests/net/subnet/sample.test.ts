import test from 'brittle'
import { SampleContract } from '../../../contract/contract.ts'
import { ContractRunner } from '../../../features/subnet/engine/runner.ts'
import type { TxVerifier } from '../../../features/subnet/engine/settlement.ts'
import { toHex } from '../../../src/base/hex.ts'
import { admin, alice, byte, pen, text } from '../../helpers/subnet/ops.ts'
import { openPeer, type Peer } from '../../helpers/subnet/peer.ts'
import { simulate } from '../../helpers/subnet/simulate.ts'

const A = alice.publicKey
const yes: TxVerifier = { verify: async () => true }

async function open(t: Parameters<typeof openPeer>[0], rules: 1 | 2) {
  const peer = await openPeer(t, {
    contract: new SampleContract(null),
    settlements: { msb: yes, local: yes }
  })
  const choice = rules === 1 ? {} : { rules: 2, settlement: 'local' }
  await peer.base.append({ type: 'addAdmin', key: admin.publicKey, ...choice })
  return { peer, ...pen(rules, toHex(peer.base.key)) }
}

const tx = (n: number, type: string, value: unknown) => ({
  type: 'tx',
  key: byte(n),
  value: { msbsl: 0, dispatch: { type, value }, ipk: A, wp: byte(3) }
})
const logs = ({ events }: Peer) => events.filter(({ op }) => op === 'log').map(({ line }) => line)

for (const rules of [1, 2] as const) {
  test(`ruleset ${rules}: the sample app`, async (t) => {
    const { peer, a, b, feature } = await open(t, rules)
    await peer.base.append(feature(admin, 'timer', 'currentTime', 1700000000000))
    t.is(await peer.get('currentTime'), 1700000000000)
    t.alike(logs(peer), ['timer started at 1700000000000'])
    await peer.base.append(feature(admin, 'timer', 'somethingElse', 1))
    t.is(await peer.get('somethingElse'), null)

    await peer.base.append(a(admin, 'setChatStatus', 'on'))
    await peer.base.append(b(alice, 'msg', text(alice, 'hello')))
    t.alike(await peer.get('chat_last'), { msg: 'hello', address: A, at: 1700000000000 })

    await peer.base.append(tx(1, 'storeSomething', null))
    t.is(await peer.get('something'), 'there is something')
    await peer.base.append(tx(2, 'submitSomething', { op: 'do_something', some_key: 'mine' }))
    t.is(await peer.get(`submitted_by/${A}`), 'mine')
    await peer.base.append(tx(3, 'submitSomething', { op: 'do_something', some_key: '' }))
    t.is(await peer.get('txl'), rules === 1 ? 2 : 3, 'does not fit the schema')
    await peer.base.append(tx(4, 'readChatLast', null))
    t.ok(logs(peer).some((line) => line?.startsWith('chat_last:') && line.includes('hello')))
  })
}

test('a simulation sees the state and leaves no trace, while operations are applied', async (t) => {
  const { peer } = await open(t, 2)
  const runner = new ContractRunner(new SampleContract(null))
  const before = await peer.view()
  const input = (some_key: string) => ({
    kind: 'tx' as const,
    address: A,
    tx: byte(9),
    validator: byte(0),
    dispatch: { type: 'submitSomething', value: { op: 'do_something', some_key } }
  })
  const verdicts = await Promise.all(
    ['a', 'b', ''].map((key) => simulate(runner, peer.base.view, input(key)))
  )
  t.alike(
    verdicts.map(({ error }) => error),
    [null, null, 'Invalid schema.']
  )
  t.alike(await peer.view(), before)
  await Promise.all([
    simulate(runner, peer.base.view, input('simulated')),
    peer.base.append(tx(1, 'submitSomething', { op: 'do_something', some_key: 'applied' })),
    simulate(runner, peer.base.view, input('simulated too'))
  ])
  t.is(await peer.get(`submitted_by/${A}`), 'applied')
})
