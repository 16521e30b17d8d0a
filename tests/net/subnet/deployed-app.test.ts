import test, { type Assertions } from 'brittle'
import { findApp } from '../../../features/subnet/app/files.ts'
import { loadApp } from '../../../features/subnet/app/load-app.ts'
import { Contract, Feature, type FeatureHost, Protocol } from '../../../src/app/index.ts'
import { toHex } from '../../../src/base/hex.ts'
import { admin, alice, bob, byte, pen, text } from '../../helpers/subnet/ops.ts'
import { openPeer, type Peer } from '../../helpers/subnet/peer.ts'

// Compiled to another place than the fixture, so both are found from here.
const APP = 'tests/fixtures/deployed-app'
const CLOCK = new URL(`../../../../${APP}/features/clock/index.js`, import.meta.url).href
const yes = { verify: async () => true }
const A = alice.publicKey

async function openPoll(t: Assertions, rules: 1 | 2) {
  const app = await loadApp(APP)
  const transacted: unknown[] = []
  const protocol = app.createProtocol(
    { generateNonce: () => byte(1), transact: async (command) => transacted.push(command) },
    {
      get view() {
        return peer.base.view
      }
    }
  )
  await protocol.extendApi()
  const peer: Peer = await openPeer(t, {
    contract: app.createContract(protocol),
    settlements: { msb: yes, local: yes }
  })
  const choice = rules === 1 ? {} : { rules: 2, settlement: 'local' }
  await peer.base.append({ type: 'addAdmin', key: admin.publicKey, ...choice })
  const ops = pen(rules, toHex(peer.base.key))
  let n = 0
  return {
    peer,
    protocol,
    transacted,
    ...ops,
    async say(command: string) {
      const key = byte(++n)
      const dispatch = protocol.mapTxCommand(command)
      await peer.base.append({ type: 'tx', key, value: { msbsl: 0, dispatch, ipk: A, wp: byte(3) } })
      const at = await peer.get(`tx/${key}`)
      return at === null ? undefined : ((await peer.get(`txi/${at}`)) as { err: unknown }).err
    }
  }
}

test('an app in JavaScript, written for trac-peer, has our classes', async (t) => {
  t.is(findApp(APP).extension, '.js')
  const app = await loadApp(APP)
  t.alike([app.name, app.version, app.findings], ['PollContract', '1', []])
  const protocol = app.createProtocol(
    { generateNonce: () => byte(1), transact: async () => null },
    { view: null as never }
  )
  const contracts = [app.createContract(protocol), app.createContract(protocol)]
  t.ok(protocol instanceof Protocol && contracts.every((contract) => contract instanceof Contract))
  t.not(contracts[0], contracts[1])
  t.alike(contracts[0]?.metadata.functions, ['openPoll', 'closePoll', 'breakThings'])
  const { Clock } = await import(CLOCK)
  t.ok(new Clock(null) instanceof Feature)
  // Names in variables: TypeScript has no types for them.
  for (const folder of ['src', 'src/artifacts']) {
    for (const [file, own] of Object.entries({ contract: Contract, protocol: Protocol, feature: Feature })) {
      const name = `trac-peer/${folder}/${file}.js`
      t.is((await import(name)).default, own, name)
    }
  }
})

for (const rules of [1, 2] as const) {
  test(`ruleset ${rules}: such an app runs`, async (t) => {
    const { peer, protocol, say, transacted, a, b, feature } = await openPoll(t, rules)
    const vote = (fields: object) => JSON.stringify({ op: 'vote', ...fields })
    const logs = () => peer.events.filter(({ op }) => op === 'log').map(({ line }) => line)
    t.is(await say(vote({ choice: 'red' })), 'No poll')
    t.is(await say('open_poll'), null)
    t.is(await say('open_poll'), 'Poll is open already')

    const { Clock } = await import(CLOCK)
    const host: FeatureHost = {
      appendFeature: async (name, key, value) =>
        void (await peer.base.append(feature(admin, name, key, value))),
      get: peer.get,
      getSigned: peer.get,
      sleep: async () => {}
    }
    const clock = new Clock(host, { times: [5, 6] })
    protocol.addFeature('clock', clock)
    await clock.start()
    // In ruleset 2 a contract has no console, and what it did before it failed is undone.
    const time = rules === 1 ? 6 : null
    t.is(await peer.get('currentTime'), time)

    const counted = rules === 1
    const refused = 'console is not available to a contract: every peer has to come to the same result'
    t.is(await say(vote({ choice: 'red', weight: '2' })), counted ? null : refused)
    t.is(await say(vote({ choice: 'red' })), counted ? null : refused)
    t.is(await say(vote({ choice: '' })), counted ? undefined : 'Invalid schema.')
    t.is(await say(vote({ choice: 'red', weight: '0' })), 'Invalid weight')
    if (counted) {
      t.is(await peer.get('poll/votes/red'), '300')
      t.alike(await peer.get(`poll/voted/${A}`), { op: 'vote', choice: 'red', timestamp: 6 })
      t.alike(logs().slice(0, 1), ['clock started at 5'])
      t.ok(logs()[1]?.startsWith(`vote by ${A}`))
    } else t.is(await peer.get('poll/votes/red'), null)
    t.is(await protocol.customCommand('/votes --choice "red"'), counted ? '3' : '0')
    t.is(await protocol.customCommand('/votes'), 'Usage: /votes --choice "<name>"')
    t.is(await protocol.customCommand('/other'), undefined)

    t.is(await say('break_things'), undefined, 'mapped to nothing')
    await peer.base.append({
      type: 'tx',
      key: byte(99),
      value: { msbsl: 0, dispatch: { type: 'breakThings', value: null }, ipk: A, wp: byte(3) }
    })
    t.absent(peer.base.closed, 'a contract that throws does not take the node down')
    t.is(
      ((await peer.get(`txi/${await peer.get(`tx/${byte(99)}`)}`)) as { err: unknown }).err,
      'Error in contract.'
    )

    await peer.base.append(a(admin, 'setChatStatus', 'on'))
    await peer.base.append(b(bob, 'msg', text(bob, 'buy spam')))
    await peer.base.append(b(bob, 'msg', text(bob, 'hello')))
    t.is(await peer.get('msgl'), 1)
    t.alike(await peer.get('poll/last_message'), { msg: 'hello', address: bob.publicKey, at: time })
    t.is(await say('close_poll'), null)
    t.is(await say('close_poll'), 'Only the owner may close')

    await protocol.tx({ command: 'open_poll' }, true)
    t.alike(transacted, [{ type: 'openPoll', value: null }])
    await t.exception(protocol.tx({ command: 'nonsense' }), /command not found/)
  })
}
