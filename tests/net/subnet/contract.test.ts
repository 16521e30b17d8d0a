import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import {
  LOCAL_BOOTSTRAP,
  LOCAL_NETWORK_ID,
  localVerifier
} from '../../../features/subnet/engine/local-settlement.ts'
import type { TxVerifier } from '../../../features/subnet/engine/settlement.ts'
import { commandHash, txHash } from '../../../src/app/payloads.ts'
import { toHex } from '../../../src/base/hex.ts'
import { admin, alice, byte, pen, text } from '../../helpers/subnet/ops.ts'
import { type Op, openScript, type Script } from '../../helpers/subnet/script.ts'

const A = alice.publicKey
const yes: TxVerifier = { verify: async () => true }
const always = { msb: yes, local: yes }

let counter = 1
const tx = (type: string, value: unknown = null): Op => ({
  type: 'tx',
  key: byte(counter++ % 256),
  value: { msbsl: 1, dispatch: { type, value }, ipk: A, wp: byte(3) }
})

const errorOf = async ({ peer }: Script, n: number) => ((await peer.get(`txi/${n}`)) as { err: unknown }).err

for (const rules of [1, 2] as const) {
  const each = (name: string, run: (t: Assertions, script: Script) => Promise<void>) =>
    test(`ruleset ${rules}: ${name}`, async (t) => run(t, await openScript(t, rules, always)))

  each('a transaction and its record', async (t, script) => {
    const { accepts, refuses, peer } = script
    const op = tx('ping', { msg: 'hi' })
    const entry = { val: { type: 'ping', value: { msg: 'hi' } }, err: null, tx: op.key, ipk: A, wp: byte(3) }
    const keys = { 'txi/0': entry, txl: 1, [`tx/${op.key}`]: 0, [`utxi/${A}/0`]: 0, [`utxl/${A}`]: 1 }
    await accepts(op, { ...keys, [`app/ping/${op.key}`]: { msg: 'hi', from: A } }, 6)
    await refuses(op, 'again')
    await refuses({ ...tx('ping'), key: 'aa' }, 'not a hash')
    await refuses(tx('ping', { msg: 'x'.repeat(4096) }), 'too large')
    t.is(await peer.get('txl'), 1)
    await accepts(script.b(admin, 'enableTransactions', { enabled: false, address: admin.publicKey }))
    await refuses(tx('ping', { msg: 'hi' }), 'switched off')
  })

  each('what a contract returns', async (t, script) => {
    const { accepts, peer } = script
    await accepts(tx('fail'), { txl: 1 })
    t.is(await errorOf(script, 0), 7, 'a number in front is the code')
    await accepts(tx('halfway'), { 'app/halfway': rules === 1 ? 1 : null })
    t.is(await errorOf(script, 1), 'halfway')
    await accepts(tx('asserts', 'wrong'), { 'app/asserts': rules === 1 ? 1 : null })
    t.is(await errorOf(script, 2), 'wrong value')
    await accepts(tx('asserts', 'right'), { 'app/asserts': 1 })
    t.is(await errorOf(script, 3), null)
    t.is(await peer.get('txl'), 4)
  })

  each('what a contract throws is on record, and nothing of it is in the state', async (t, script) => {
    const rows: [name: string, key: string, error: string][] = [
      ['reserved', 'app/before', 'put(key,value): adminis reserved'],
      ['crash', 'app/crash', 'thrown by assert'],
      ['hopeless', 'app/hopeless', 'Error in contract.']
    ]
    for (const [i, [name, key, error]] of rows.entries()) {
      await script.accepts(tx(name), { [key]: null, admin: admin.publicKey, txl: i + 1 })
      t.is(await errorOf(script, i), error)
    }
    await script.accepts(tx('clock'), { 'app/clock': null })
    t.ok(String(await errorOf(script, 3)).startsWith('Date is not available'))
    t.ok(Date.now() > 0, 'and back again')
    await script.accepts(tx('leak'), { 'app/leak': 1, admin: admin.publicKey })
    t.absent(script.peer.base.closed)
  })

  each('functions that are not there', async (t, script) => {
    const names = [
      'nope',
      '__proto__',
      'hasOwnProperty',
      '__defineGetter__',
      'constructor',
      'put',
      'notThere',
      'strict'
    ]
    const texts = new Map([
      ['notThere', 'Function not registered.'],
      ['strict', 'Invalid schema.']
    ])
    for (const [i, name] of names.entries()) {
      if (rules === 1) {
        await script.refuses(tx(name), name)
        continue
      }
      await script.accepts(tx(name), { txl: i + 1 })
      t.is(await errorOf(script, i), texts.get(name) ?? 'Unknown contract operation type.', name)
    }
  })

  each('schemas: a bigint, and a strict object within', async (_t, script) => {
    const count = { txl: rules === 1 ? null : 1 }
    await script.accepts(tx('strict', { n: '12' }), { ...count, 'app/strict': rules === 1 ? null : '12' })
    await script.accepts(tx('strict', { n: '13', more: 1 }), { 'app/strict': rules === 1 ? null : '12' })
  })

  each('features that do not exist or fail', async (t, { feature, accepts, peer }) => {
    for (const name of ['__proto__', 'nobody', 'constructor'])
      await accepts(feature(admin, name, 'x', 1), {}, 1)
    await accepts(feature(admin, 'timer', 'bad', 1), {}, 1)
    const { dispatch, ...rest } = feature(admin, 'timer', 'x', 1).value as { dispatch: object }
    await peer.base.append({
      type: 'feature',
      key: 'x',
      value: { ...rest, dispatch: { ...dispatch, type: '__proto__' } }
    })
    t.absent(peer.base.closed)
  })

  each('chat that the contract rewrites or refuses', async (t, script) => {
    const { a, b, accepts, peer } = script
    await accepts(a(admin, 'setChatStatus', 'on'))
    await accepts(b(alice, 'msg', { ...text(alice, 'hi'), pinned: true, pin_id: 3, deleted_by: A }))
    const stored = (await peer.get('msg/0')) as Record<string, unknown>
    const free = rules === 1
    t.alike([stored.pinned, stored.pin_id, stored.deleted_by], free ? [true, 3, A] : [false, null, null])
    await accepts(tx('chat'), {})
    t.is((await peer.get('msg/0')) === 'rewritten', free, 'messages are reserved in ruleset 2')
    await peer.base.append(b(admin, 'deleteMessage', { id: 0, address: admin.publicKey }))
    await peer.base.append(b(admin, 'pinMessage', { id: 0, pinned: true, address: admin.publicKey }))
    const thrown = b(alice, 'msg', text(alice, 'throw'))
    await peer.base.append(thrown)
    t.is(await peer.get('msgl'), 1)
    t.is(((await peer.get('chat_last')) as { msg: string }).msg, 'hi', 'what a thrower wrote is gone')
    t.absent(peer.base.closed)
  })
}

test('ruleset 1: moderation with no admin, by nobody', async (t) => {
  const { peer, refuses } = await openScript(t, 1, always, 'nothing')
  const { a, b } = pen(1)
  await refuses(b(alice, 'muteStatus', { user: A, muted: true, address: A }), 'no admin')
  for (const type of ['deleteMessage', 'unpinMessage'])
    await refuses(b(alice, type, { id: 0, address: A }), 'no admin')
  await refuses(b(alice, 'pinMessage', { id: 0, pinned: true, address: A }), 'no admin')
  await refuses(a(alice, 'setChatStatus', 'on'), 'no admin')
  await refuses(tx('nope'), 'unknown')
  t.absent(peer.base.closed)
})

test('ruleset 1 in full: an admin pin is also a deletion; ruleset 2 tells them apart', async (t) => {
  for (const rules of [1, 2] as const) {
    const { a, b, accepts, peer } = await openScript(t, rules)
    await accepts(a(admin, 'setChatStatus', 'on'))
    await accepts(b(admin, 'msg', text(admin, 'hi')))
    const unpin = b(admin, 'unpinMessage', { id: 0, address: admin.publicKey })
    await peer.base.append({ ...unpin, type: 'deleteMessage' })
    t.is(await peer.get('delml'), rules === 1 ? 1 : null)
    await peer.base.append(b(admin, 'deleteMessage', { type: 'other', id: 0, address: admin.publicKey }))
    t.is(await peer.get('delml'), rules === 1 ? 1 : null, 'a dispatch names its operation in ruleset 2')
  }
})

test('ruleset 1: digits of a value can move to the nonce; ruleset 2 signs them apart', async (t) => {
  for (const rules of [1, 2] as const) {
    const { feature, accepts, peer } = await openScript(t, rules)
    const op = feature(admin, 'timer', 'currentTime', 170) as { value: { dispatch: Record<string, unknown> } }
    const { dispatch } = op.value
    const forged = { ...dispatch, value: 1700, nonce: (dispatch.nonce as string).slice(1) }
    await peer.base.append({ ...op, value: { dispatch: forged } })
    t.is(await peer.get('currentTime'), rules === 1 ? 1700 : null)
    await accepts(feature(admin, 'timer', 'currentTime', 5), { currentTime: 5 })
  }
})

test('a transaction of the local settlement proves itself', async (t) => {
  const { accepts, refuses, peer, subnet } = await openScript(t, 2, { local: localVerifier })
  const wp = toHex(peer.base.local.key)
  const local = (over: object = {}, proof: object = {}): Op => {
    const dispatch = { type: 'ping', value: { msg: 'hi' } }
    const [txv, iw, nonce] = [byte(1), byte(2), byte(counter++ % 256)]
    const ch = commandHash(dispatch)
    const key = txHash({ networkId: LOCAL_NETWORK_ID, txv, iw, ch, bs: subnet, mbs: LOCAL_BOOTSTRAP, nonce })
    const loc = { txv, iw, in: nonce, is: alice.sign(b4a.from(key, 'hex')), ...proof }
    return { type: 'tx', key, value: { msbsl: 0, dispatch, ipk: A, wp, loc, ...over } }
  }
  await accepts(local(), { txl: 1 })
  await refuses({ ...local(), key: byte(250) }, 'under another hash')
  await refuses(local({ msbsl: 1 }), 'there is no height')
  await refuses(local({ wp: byte(9) }), 'appended by another writer')
  await refuses(local({ ipk: admin.publicKey }), 'signed by somebody else')
  await refuses(local({ dispatch: { type: 'ping', value: { msg: 'changed' } } }), 'another command')
  await refuses(local({}, { in: byte(77) }), 'another nonce')
  await refuses(local({}, { is: '00'.repeat(64) }), 'no signature')
  await refuses(local({ loc: null }), 'no proof')
})

test('without the settlement that a log needs, the node stops there and says so', async (t) => {
  const { peer } = await openScript(t, 1, {})
  const interrupted = new Promise<unknown>((resolve) => void peer.base.once('interrupt', resolve))
  peer.base.append(tx('ping', { msg: 'hi' })).catch(() => {})
  t.ok(String(await interrupted).includes('"msb"'))
  t.is(await peer.get('txl'), null)
})
