import test, { type Assertions } from 'brittle'
import { toHex } from '../../../src/base/hex.ts'
import { admin, alice, appendWriter, bob, byte, dropWriter, pen, text } from '../../helpers/subnet/ops.ts'
import { openScript, type Script } from '../../helpers/subnet/script.ts'

const [P, A, B] = [admin.publicKey, alice.publicKey, bob.publicKey]
const W = byte(0x11)

for (const rules of [1, 2] as const) {
  const each = (name: string, run: (t: Assertions, script: Script) => Promise<void>) =>
    test(`ruleset ${rules}: ${name}`, async (t) => run(t, await openScript(t, rules)))

  test(`ruleset ${rules}: the first admin`, async (t) => {
    const { peer, accepts, refuses } = await openScript(t, rules, undefined, 'nothing')
    await refuses({ type: 'addAdmin', key: 'aa' }, 'not a key')
    await refuses({ type: 'addAdmin', key: P.toUpperCase() }, 'not lower case')
    await refuses({ type: 'addAdmin', key: P, rules: '2' }, 'rules is a number')
    await refuses({ type: 'addAdmin', key: P, settlement: 'none' }, 'no such settlement')
    const choice = rules === 1 ? {} : { rules: 2, settlement: 'local' }
    const keys = { admin: P, rules: rules === 1 ? null : 2, settlement: rules === 1 ? null : 'local' }
    await accepts({ type: 'addAdmin', key: P, ...choice }, keys, rules === 1 ? 2 : 5)
    await refuses({ type: 'addAdmin', key: A }, 'there is one')
    t.is(peer.events.filter(({ op }) => op === 'addAdmin').length, 1)
  })

  each('the admin can be changed, and given up for good', async (_t, { accepts, refuses, b }) => {
    await refuses(b(alice, 'updateAdmin', { admin: A, address: A }), 'not the admin')
    await refuses({ ...b(admin, 'updateAdmin', { admin: A, address: P }), nonce: byte(9) }, 'another nonce')
    await accepts(b(admin, 'updateAdmin', { admin: A, address: P }), { admin: A })
    await refuses(b(admin, 'updateAdmin', { admin: P, address: P }), 'no longer the admin')
    const last = b(alice, 'updateAdmin', { admin: null, address: A })
    await accepts(last, { admin: null })
    await refuses(last, 'replay')
    await refuses(b(admin, 'setMod', { user: A, mod: true, address: P }), 'nobody is admin')
    await refuses({ type: 'addAdmin', key: P }, 'the role is gone')
  })

  each('switches of the admin', async (_t, { a, b, accepts, refuses }) => {
    const rows: [type: string, key: string][] = [
      ['setChatStatus', 'chat_status'],
      ['setAutoAddWriters', 'auto_add_writers']
    ]
    for (const [type, key] of rows) {
      await refuses(a(alice, type, 'on'), 'not the admin')
      await refuses(a(admin, type, 'maybe'), 'neither on nor off')
      await refuses({ ...a(admin, type, 'on'), key: 'off' }, 'msg and operation differ')
      await refuses({ ...a(admin, 'setMod', 'on'), type }, 'signed for another operation')
      const on = a(admin, type, 'on')
      await accepts(on, { [key]: 'on' }, 2)
      await accepts(a(admin, type, 'off'), { [key]: 'off' }, 2)
      await refuses(on, 'replay')
    }
    for (const [type, key] of [
      ['enableTransactions', 'txen'],
      ['enableWhitelist', 'wlst']
    ] as const) {
      await refuses(b(alice, type, { enabled: true, address: A }), 'not the admin')
      await refuses(b(admin, type, { enabled: 1, address: P }), 'not a boolean')
      await accepts(b(admin, type, { enabled: false, address: P }), { [key]: false }, 2)
    }
    for (const [type, field, key] of [
      ['setMod', 'mod', `mod/${A}`],
      ['setWhitelistStatus', 'status', `wl/${A}`],
      ['muteStatus', 'muted', `mtd/${A}`]
    ] as const) {
      await refuses(b(alice, type, { user: A, [field]: true, address: A }), 'not the admin')
      await refuses(b(admin, type, { user: 'xyz', [field]: true, address: P }), 'not hex')
      await accepts(b(admin, type, { user: A, [field]: true, address: P }), { [key]: true }, 2)
    }
  })

  each('writers', async (t, { a, accepts, refuses, peer }) => {
    const self = toHex(peer.base.local.key)
    const auto = { type: 'autoAddWriter', key: W }
    await refuses(auto, 'not switched on')
    await accepts(a(admin, 'setAutoAddWriters', 'on'))
    await refuses({ type: 'autoAddWriter', key: 'aa' }, 'not a key')
    await refuses(auto, 'leaves no trace in the view')
    t.alike(pick(await peer.member(W)), { isIndexer: false, isRemoved: false })
    await refuses({ type: 'autoAddWriter', key: self }, 'the only indexer stays what it is')
    t.is((await peer.member(self))?.isIndexer, true)

    await refuses(a(alice, 'removeWriter', W, dropWriter), 'not the admin')
    await refuses(a(admin, 'removeWriter', 'aa', dropWriter), 'not a key')
    await refuses({ ...a(admin, 'removeWriter', W, dropWriter), key: byte(0x12) }, 'msg and operation differ')
    await accepts(a(admin, 'removeWriter', W, dropWriter), {}, rules === 1 ? 1 : 2)
    t.is(await isMember(peer, W), false)
    await refuses(a(admin, 'removeWriter', self, dropWriter), 'the last indexer', 'spent')
    await refuses(a(admin, 'addWriter', self, appendWriter), 'would demote the last indexer', 'spent')

    await refuses(auto, 'leaves no trace in the view')
    t.is(await isMember(peer, W), rules === 1, 'a removed writer stays removed in ruleset 2')
    await accepts(a(admin, 'addWriter', W, appendWriter), { [`bnd/${W}`]: null })
    t.alike(pick(await peer.member(W)), { isIndexer: false, isRemoved: false })
    await accepts(a(admin, 'addIndexer', W, appendWriter), {})
    t.is((await peer.member(W))?.isIndexer, true)
    await refuses(auto, 'leaves no trace in the view')
    t.is(
      (await peer.member(W))?.isIndexer,
      rules === 2,
      'an invitation demotes in ruleset 1, if another is left'
    )
    t.absent(peer.base.closed)
  })

  each('nicks', async (_t, { a, b, accepts, refuses }) => {
    const nick = (by: typeof admin, name: string, address: string, initiator: string = by.publicKey) =>
      b(by, 'setNick', { nick: name, address, initiator })
    await refuses(nick(alice, 'al', A), 'chat is off', 'spent')
    await accepts(a(admin, 'setChatStatus', 'on'))
    await refuses(nick(bob, 'al', A), 'neither owner, nor admin, nor mod')
    await refuses(nick(alice, '', A), 'empty')
    await refuses(nick(alice, 'ä'.repeat(17), A), 'more than 32 bytes')
    await accepts(nick(alice, 'al', A), { [`nick/${A}`]: 'al', 'kcin/al': A }, 3)
    await refuses(nick(bob, 'al', B), 'taken', 'spent')
    await accepts(nick(alice, 'ally', A), { [`nick/${A}`]: 'ally', 'kcin/ally': A, 'kcin/al': null }, 5)
    await accepts(nick(admin, 'ali', A), { [`nick/${A}`]: 'ali' })
    await accepts(b(admin, 'setMod', { user: B, mod: true, address: P }))
    await accepts(nick(bob, 'alice', A), { [`nick/${A}`]: 'alice' })
    await refuses(nick(bob, 'boss', P), 'a mod cannot rename the admin')
    await accepts(b(admin, 'setMod', { user: A, mod: true, address: P }))
    await refuses(nick(bob, 'other', A), 'nor another mod')
    await accepts(nick(alice, 'mine', A), { [`nick/${A}`]: 'mine' })
  })

  each('who is muted or not on the list does not speak', async (t, { a, b, accepts, refuses, peer }) => {
    const say = (by: typeof admin, words: string) => b(by, 'msg', text(by, words))
    await refuses(say(alice, 'hi'), 'chat is off', 'spent')
    await accepts(a(admin, 'setChatStatus', 'on'))
    const first = say(alice, 'hi')
    await accepts(first, { msgl: 1, 'umsgl/x': null, [`umsgl/${A}`]: 1, [`umsg/${A}/0`]: 'msg/0' }, 6)
    await refuses(first, 'replay')
    await refuses({ ...say(alice, 'hi'), more: 1 }, 'a field too many')
    await refuses(b(bob, 'msg', text(alice, 'hi')), 'somebody else signed')
    await refuses(b(alice, 'msg', { ...text(alice, 'hi'), msg: '' }), 'empty')
    await refuses(say(alice, 'x'.repeat(8192)), 'too large')
    const vetoed = say(alice, 'veto')
    if (rules === 2) await refuses(vetoed, 'the contract says no', 'spent')
    else {
      // What the handler wrote stays, and it runs again each time.
      await peer.base.append(vetoed)
      t.is(((await peer.get('chat_last')) as { msg: string }).msg, 'veto')
      t.is(await peer.get(`sh/${vetoed.hash}`), null)
      t.is(await peer.get('msgl'), 1)
    }
    await accepts(b(admin, 'muteStatus', { user: A, muted: true, address: P }))
    await refuses(say(alice, 'hi'), 'muted', 'spent')
    await accepts(b(admin, 'muteStatus', { user: P, muted: true, address: P }))
    await accepts(say(admin, 'hi'), { msgl: 2 })
    await accepts(b(admin, 'enableWhitelist', { enabled: true, address: P }))
    await refuses(say(bob, 'hi'), 'not on the list', 'spent')
    await accepts(b(admin, 'setWhitelistStatus', { user: B, status: true, address: P }))
    await accepts(say(bob, 'hi'), { msgl: 3 })
    await accepts(b(admin, 'setWhitelistStatus', { user: B, status: false, address: P }))
    await refuses(say(bob, 'hi'), 'struck off the list', 'spent')
  })

  each('moderation', async (t, { a, b, accepts, refuses, peer }) => {
    const erase = (by: typeof admin, id: number) => b(by, 'deleteMessage', { id, address: by.publicKey })
    const pin = (by: typeof admin, id: number, pinned = true) =>
      b(by, 'pinMessage', { id, pinned, address: by.publicKey })
    const mute = (by: typeof admin, user: string) =>
      b(by, 'muteStatus', { user, muted: true, address: by.publicKey })
    await accepts(a(admin, 'setChatStatus', 'on'))
    for (const by of [admin, alice, alice, bob]) await accepts(b(by, 'msg', text(by, 'hi')))
    await accepts(b(admin, 'setMod', { user: B, mod: true, address: P }))

    await refuses(mute(bob, P), 'a mod cannot mute the admin')
    await refuses(mute(bob, B), 'nor a mod')
    await accepts(mute(bob, A), { [`mtd/${A}`]: true })

    await refuses(erase(alice, 3), 'not hers')
    await refuses(erase(bob, 0), 'of the admin')
    await refuses(erase(admin, 9), 'no such message', 'spent')
    await accepts(erase(alice, 1), { delml: 1, 'delm/0': 1 }, 4)
    t.alike(await peer.get('msg/1'), {
      ...{ type: 'msg', msg: null, address: A, attachments: [], deleted_by: A },
      ...{ reply_to: null, pinned: false, pin_id: null }
    })
    await refuses(erase(bob, 1), 'deleted already', 'spent')
    await accepts(erase(bob, 2), { delml: 2, 'delm/1': 2 })

    await refuses(pin(alice, 0), 'neither admin nor mod')
    await refuses(pin(admin, 9), 'no such message', 'spent')
    await accepts(pin(bob, 0), { pnl: 1, 'pni/0': { msg: 0, pinned: true } }, 4)
    await accepts(pin(admin, 0, false), { pnl: 1, 'pni/0': { msg: 0, pinned: false } }, 3)
    const unpin = (by: typeof admin, id: number) => b(by, 'unpinMessage', { id, address: by.publicKey })
    await refuses(unpin(alice, 0), 'neither admin nor mod')
    await refuses(unpin(admin, 5), 'no such pin', 'spent')
    await accepts(unpin(bob, 0), { 'pni/0': { msg: 0, pinned: false } }, 3)
    t.alike(((await peer.get('msg/0')) as { pin_id: unknown }).pin_id, null)
  })

  each('features', async (_t, { feature, accepts, refuses }) => {
    await refuses(feature(alice, 'timer', 'currentTime', 1), 'not the admin')
    await refuses(feature(admin, 'timer', 'currentTime', 'x'.repeat(4096)), 'too large')
    const first = feature(admin, 'timer', 'currentTime', 7)
    await accepts(first, { currentTime: 7 }, 2)
    await refuses(first, 'replay')
    await accepts(feature(admin, 'timer', 'other', 7), {}, 1)
    await accepts(feature(admin, 'nobody', 'currentTime', 8), { currentTime: 7 }, 1)
    await accepts(feature(admin, 'timer', 'currentTime', null), { currentTime: null }, 2)
  })
}

test('operations of ruleset 2 do nothing in ruleset 1', async (t) => {
  const { a, b, accepts, refuses } = await openScript(t, 1)
  await accepts(a(admin, 'removeWriter', W, dropWriter), { [`bnd/${W}`]: null })
  await refuses(a(admin, 'unban', W), 'unknown')
  const app = { name: 'sample', version: '1', hash: byte(5), address: P }
  await refuses(b(admin, 'setApp', app), 'unknown')
})

test('ruleset 2: a ban can be lifted, and the app is on record', async (t) => {
  const { a, b, accepts, refuses, peer } = await openScript(t, 2)
  await accepts(a(admin, 'setAutoAddWriters', 'on'))
  await accepts(a(admin, 'removeWriter', W, dropWriter), { [`bnd/${W}`]: true })
  await refuses({ type: 'autoAddWriter', key: W }, 'banned')
  t.is(await isMember(peer, W), false)
  await refuses(a(alice, 'unban', W), 'not the admin')
  await accepts(a(admin, 'unban', W), { [`bnd/${W}`]: null })
  await peer.base.append({ type: 'autoAddWriter', key: W })
  t.is((await peer.member(W))?.isRemoved, false)
  const app = { name: 'sample', version: '1', hash: byte(5), address: P }
  await refuses(b(alice, 'setApp', app), 'not the admin')
  await accepts(b(admin, 'setApp', app), { appv: { name: 'sample', version: '1', hash: byte(5) } })
})

test('a signature of one ruleset is none in the other', async (t) => {
  const one = await openScript(t, 1)
  await one.refuses(pen(2, one.subnet, 50).a(admin, 'setChatStatus', 'on'), 'canonical')
  const two = await openScript(t, 2)
  await two.refuses(pen(1, two.subnet, 50).a(admin, 'setChatStatus', 'on'), 'plain')
  await two.refuses(pen(2, one.subnet, 50).a(admin, 'setChatStatus', 'on'), 'for another subnet')
  await two.accepts(pen(2, two.subnet, 50).a(admin, 'setChatStatus', 'on'), { chat_status: 'on' })
})

async function isMember(peer: Script['peer'], key: string): Promise<boolean> {
  const member = await peer.member(key)
  return member !== null && !member.isRemoved
}

function pick(member: { isIndexer: boolean; isRemoved: boolean } | null) {
  return member && { isIndexer: member.isIndexer, isRemoved: member.isRemoved }
}
