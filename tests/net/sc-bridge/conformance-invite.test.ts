import test, { type Assertions } from 'brittle'
import { tokenText } from '../../../src/base/token-text.ts'
import type { OpenedBridge } from '../../helpers/bridge.ts'
import { name } from '../../unit/sidechannel/helpers.ts'
import { ask, connect, ENTRY, FAST, hearNext, isRefused, meet, openNodes, type RawClient } from './helpers.ts'

const CLUB = name('club')
const NEED = 'invite required or invalid'

interface Guest {
  readonly node: OpenedBridge
  readonly client: RawClient
}

/** The owner of an invite-only channel, in it already, and so many who are to be invited. */
async function openClub(t: Assertions, guests: number) {
  const closed = [...FAST, '--sidechannel-invite-channels', CLUB]
  const nodes = await openNodes(t, guests + 1, (_, [owner]) =>
    owner === undefined
      ? closed
      : [...closed, '--sidechannel-inviter-keys', owner, '--sidechannel-owner', `${CLUB}:${owner}`]
  )
  const members = await Promise.all(nodes.map(async (node) => ({ node, client: await connect(t, node) })))
  const [owner, ...invited] = members as [Guest, ...Guest[]]
  const { welcome } = await ask(owner.client, { type: 'welcome', channel: CLUB, text: 'Members only.' })
  t.is((await ask(owner.client, { type: 'join', channel: CLUB })).type, 'joined')
  const invite = async (pubkey: string, more: object = {}) => {
    const { invite: made } = await ask(owner.client, { type: 'invite', channel: CLUB, pubkey, ...more })
    return made as { payload: object; sig: string; welcome: object }
  }
  return { owner, invited, welcome: welcome as object, invite }
}

/** Every way in which a grant may be written. */
function forms(grant: object): [string, unknown][] {
  const json = JSON.stringify(grant)
  return [
    ['an object', grant],
    ['JSON', json],
    ['JSON with blanks', ` ${JSON.stringify(grant, null, 2)}\n`],
    ['base64', tokenText(grant)],
    ['base64 with its prefix', `b64:${tokenText(grant)}`],
    ['base64 in lines', tokenText(grant).replace(/(.{76})/g, '$1\n')]
  ]
}

test('join and send with an invite in each of its forms', { timeout: 120_000 }, async (t) => {
  const { owner, invited, invite } = await openClub(t, 1)
  const [guest] = invited as [Guest]
  const { client } = guest
  const members = [owner.node, guest.node]
  const made = await invite(guest.node.node.key)
  for (const [form, value] of forms(made)) {
    isRefused(t, await ask(client, { type: 'join', channel: CLUB }), `Join denied (${NEED}).`, 'uninvited')
    t.alike(await ask(client, { type: 'join', channel: CLUB, invite: value }), {
      ...{ type: 'joined', channel: CLUB, already: false },
      ...{ owner: owner.node.node.key, awaitingWelcome: false }
    })
    await meet(members, [CLUB])
    t.is((await ask(client, { type: 'send', channel: CLUB, message: `joined with ${form}` })).neighbours, 1)
    t.alike(await hearNext(owner.client, 1), [[CLUB, `joined with ${form}`]])
    t.is((await ask(client, { type: 'leave', channel: CLUB })).ok, true, 'and the invite is forgotten')
  }
  for (const [form, value] of forms(made)) {
    const message = `sent with ${form}`
    isRefused(
      t,
      await ask(client, { type: 'send', channel: CLUB, message }),
      `Send denied (${NEED}).`,
      'uninvited'
    )
    const sent = await ask(client, { type: 'send', channel: CLUB, message, invite: value })
    t.alike([sent.type, sent.channel, sent.joined], ['sent', CLUB, true])
    await meet(members, [CLUB])
    await ask(client, { type: 'send', channel: CLUB, message })
    t.alike((await hearNext(owner.client, 1))[0], [CLUB, message])
    t.is((await ask(client, { type: 'leave', channel: CLUB })).ok, true)
  }
  await ask(client, { type: 'join', channel: CLUB, invite: made })
  await meet(members, [CLUB])
  await ask(owner.client, { type: 'send', channel: CLUB, message: 'to the members' })
  t.alike(await hearNext(client, 1), [[CLUB, 'to the members']], 'and the other way round')
})

test('a welcome beside the invite, in each of its forms', async (t) => {
  const { owner, invited, invite, welcome } = await openClub(t, 1)
  const [{ client, node }] = invited as [Guest]
  const { payload, sig } = await invite(node.node.key)
  await owner.client.ask({ type: 'leave', channel: CLUB })
  const bare = await ask(client, { type: 'join', channel: CLUB, invite: { payload, sig } })
  t.is(bare.awaitingWelcome, true)
  for (const [form, value] of forms(welcome)) {
    await ask(client, { type: 'leave', channel: CLUB })
    const request = { type: 'join', channel: CLUB, invite: { payload, sig }, welcome: value }
    t.is((await ask(client, request)).awaitingWelcome, false, form)
  }
  const { payload: said, sig: signed } = welcome as { payload: object; sig: string }
  const forged = { payload: { ...said, text: 'Everybody!' }, sig: signed }
  const refused = await ask(client, { type: 'join', channel: CLUB, welcome: forged })
  isRefused(t, refused, 'Join denied (welcome missing or invalid).', 'denied')
})

test('an invite that is not good', async (t) => {
  const { owner, invited, invite } = await openClub(t, 1)
  const [{ client, node }] = invited as [Guest]
  const { key } = node.node
  const good = await invite(key)
  const other = await invite(owner.node.node.key)
  const elsewhere = await ask(owner.client, { type: 'invite', channel: 'other', pubkey: key })
  const own = await ask(client, { type: 'invite', channel: 'mine', pubkey: key })
  const bad: [string, unknown][] = [
    ['for another peer', other],
    ['for another channel', elsewhere.invite],
    ['by nobody who counts', own.invite],
    ['changed', { ...good, payload: { ...good.payload, expiresAt: 2 ** 52 } }],
    ['unsigned', { payload: good.payload }],
    ['empty', {}]
  ]
  for (const [what, value] of bad) {
    for (const [head, request] of [
      ['Join', { type: 'join' }],
      ['Send', { type: 'send', message: what }]
    ] as const) {
      const reply = await ask(client, { ...request, channel: CLUB, invite: value })
      isRefused(t, reply, `${head} denied (${NEED}).`, 'uninvited')
    }
  }
  isRefused(
    t,
    await ask(client, { type: 'invite', channel: CLUB, pubkey: key }),
    `Invite denied (Invites by this peer do not count in "${CLUB}").`,
    'denied'
  )
  t.alike((await ask(client, { type: 'stats' })).channels, [ENTRY])
})

test('open, the event, pending, accept', { timeout: 120_000 }, async (t) => {
  const { owner, invited, invite, welcome } = await openClub(t, 2)
  const [guest, late] = invited as [Guest, Guest]
  const [asker, asked] = [guest.node.node.key, late.node.node.key]
  const open = { type: 'open', channel: CLUB }
  const denied = 'Open request denied (invalid input or missing invite/welcome).'
  isRefused(t, await ask(guest.client, open), denied, 'denied')
  isRefused(t, await ask(guest.client, { ...open, invite: {} }), denied, 'uninvited')
  isRefused(t, await ask(guest.client, { ...open, welcome: {} }), denied, 'denied')

  const mine = await invite(asker)
  t.alike(await ask(guest.client, { ...open, invite: mine, welcome: tokenText(welcome) }), {
    ...{ type: 'open_requested', channel: CLUB, via: ENTRY, neighbours: 2 }
  })
  t.alike(await late.client.next(), { type: 'open_request', channel: CLUB, from: asker })
  const [first, ...more] = (await ask(late.client, { type: 'pending' })).requests as Record<string, unknown>[]
  t.alike(more, [])
  const { at, ...request } = first ?? {}
  t.alike(request, { channel: CLUB, from: asker, needsInvite: true })
  t.ok(Number(at) <= Date.now() && Number(at) > Date.now() - 60_000)

  const accept = { type: 'accept', channel: CLUB }
  isRefused(t, await ask(late.client, accept), `Join denied (${NEED}).`, 'uninvited')
  t.is(((await ask(late.client, { type: 'pending' })).requests as unknown[]).length, 1, 'it waits on')
  t.alike(await ask(late.client, { ...accept, invite: tokenText(await invite(asked)) }), {
    ...{ type: 'joined', channel: CLUB, already: false },
    ...{ owner: owner.node.node.key, awaitingWelcome: false }
  })
  t.alike((await ask(late.client, { type: 'pending' })).requests, [])
  isRefused(t, await ask(late.client, accept), 'Join denied (nobody asked for it).', 'denied')

  // Its owner asks, with an invite for the one who is asked: then nothing more is needed.
  t.is((await ask(owner.client, { ...open, invite: JSON.stringify(mine) })).type, 'open_requested')
  t.alike(await guest.client.next(), { type: 'open_request', channel: CLUB, from: owner.node.node.key })
  const [second] = (await ask(guest.client, { type: 'pending' })).requests as Record<string, unknown>[]
  t.is(second?.needsInvite, false)
  t.is((await ask(guest.client, accept)).type, 'joined')
  await meet([owner.node, guest.node, late.node], [CLUB])
  await ask(owner.client, { type: 'send', channel: CLUB, message: 'all here' })
  for (const { client } of [guest, late]) t.alike(await hearNext(client, 1), [[CLUB, 'all here']])
})

test('what a welcome request gives lets another node in', async (t) => {
  const [node, other] = (await openNodes(t, 2, () => FAST)) as [OpenedBridge, OpenedBridge]
  const [client, guest] = [await connect(t, node), await connect(t, other)]
  const plaza = name('plaza')
  const { owner, welcome, welcome_b64 } = await ask(client, { type: 'welcome', channel: plaza, text: 'Hi' })
  await ask(client, { type: 'join', channel: plaza })
  for (const value of [welcome, welcome_b64]) {
    t.alike(await ask(guest, { type: 'join', channel: plaza, owner, welcome: value }), {
      ...{ type: 'joined', channel: plaza, already: false, owner, awaitingWelcome: false }
    })
    await meet([node, other], [plaza])
    await ask(client, { type: 'send', channel: plaza, message: 'one' })
    await ask(guest, { type: 'send', channel: plaza, message: 'two' })
    t.alike(await hearNext(guest, 1), [[plaza, 'one']])
    t.alike(await hearNext(client, 1), [[plaza, 'two']])
    await ask(guest, { type: 'leave', channel: plaza })
  }
})

test('owner-only channels', async (t) => {
  const news = name('news')
  const flags = [...FAST, '--sidechannel-owner-write-channels', news]
  const nodes = (await openNodes(t, 2, () => flags)) as [OpenedBridge, OpenedBridge]
  const [client, reader] = [await connect(t, nodes[0]), await connect(t, nodes[1])]
  const { owner, welcome } = await ask(client, { type: 'welcome', channel: news, text: 'News' })
  await ask(client, { type: 'join', channel: news })
  await ask(reader, { type: 'join', channel: news, owner, welcome })
  await meet(nodes, [news])
  const sent = await ask(reader, { type: 'send', channel: news, message: 'me too' })
  isRefused(t, sent, 'Send denied (owner-only channel).', 'owner_only')
  isRefused(
    t,
    await ask(reader, { type: 'welcome', channel: news, text: 'mine' }),
    'Welcome denied (owner-only channel).',
    'owner_only'
  )
  t.is((await ask(client, { type: 'send', channel: news, message: 'today' })).neighbours, 1)
  t.alike(await hearNext(reader, 1), [[news, 'today']])
})
