import b4a from 'b4a'
import test from 'brittle'
import { seedKeyPair } from '../../helpers/swarm.ts'
import { ask, connect, ENTRY, meet, OPEN, openNodes, openOne } from './helpers.ts'

const STRANGER = b4a.toString(seedKeyPair(7).publicKey, 'hex')
const HEX_64 = /^[0-9a-f]{64}$/

test('join, leave, stats', async (t) => {
  const node = await openOne(t)
  await node.sidechannels.announced()
  const client = await connect(t, node)
  const stats = async (...channels: string[]) =>
    t.alike(await ask(client, { type: 'stats' }), {
      ...{ type: 'stats', channels, connectionCount: 0, sidechannelStarted: true }
    })
  await stats(ENTRY)
  t.alike(await ask(client, { type: 'join', channel: ' lobby ' }), {
    ...{ type: 'joined', channel: 'lobby', already: false, owner: null, awaitingWelcome: false }
  })
  await stats(ENTRY, 'lobby')
  t.is((await ask(client, { type: 'join', channel: 'lobby' })).already, true)
  t.alike(await ask(client, { type: 'join', channel: 'owned', owner: STRANGER.toUpperCase() }), {
    ...{ type: 'joined', channel: 'owned', already: false, owner: STRANGER, awaitingWelcome: false }
  })
  t.alike(await ask(client, { type: 'leave', channel: 'owned' }), {
    ...{ type: 'left', channel: 'owned', ok: true }
  })
  const leave = async (channel: string, ok: boolean) =>
    t.alike(await ask(client, { type: 'leave', channel }), { type: 'left', channel, ok })
  await leave('lobby', true)
  await leave('lobby', false)
  await leave('never joined', false)
  await leave(ENTRY, false)
  await stats(ENTRY)
})

test('send', async (t) => {
  const node = await openOne(t)
  const client = await connect(t, node)
  for (const [channel, joined] of [
    [ENTRY, false],
    ['lobby', true],
    ['lobby', false]
  ]) {
    const { messageId, ...reply } = await ask(client, { type: 'send', channel, message: 'hello' })
    t.alike(reply, { type: 'sent', channel, neighbours: 0, queued: 0, joined })
    t.ok(String(messageId).startsWith(`${node.node.key}:`))
  }
})

test('open', async (t) => {
  const client = await connect(t, await openOne(t))
  t.alike(await ask(client, { type: 'open', channel: 'lobby' }), {
    ...{ type: 'open_requested', channel: 'lobby', via: ENTRY, neighbours: 0 }
  })
  t.alike(await ask(client, { type: 'open', channel: 'lobby', via: 'plaza' }), {
    ...{ type: 'open_requested', channel: 'lobby', via: 'plaza', neighbours: 0 }
  })
  const { channels } = await ask(client, { type: 'stats' })
  t.alike(channels, [ENTRY, 'plaza'], 'the channel that is asked for is not joined by it')
})

test('info, with null for what is not there', async (t) => {
  const { node, port, bridge, ...rest } = await openOne(t, [...OPEN, '--sidechannels', 'lobby,plaza'])
  const client = await connect(t, { node, port, bridge, ...rest })
  const nodes = (node.config.dhtBootstrap ?? []).map((at) => `${at.host}:${at.port}`)
  t.alike(await ask(client, { type: 'info' }), {
    type: 'info',
    info: {
      ...{ msbBootstrap: null, msbChannel: null, msbStore: null, msbDhtBootstrap: null },
      peerStore: node.store.folder,
      peerDhtBootstrap: nodes,
      ...{ subnetBootstrap: null, subnetChannel: null },
      peerPubkey: node.key,
      peerTracAddress: node.address,
      peerWriterKey: null,
      sidechannelEntry: ENTRY,
      sidechannelExtras: ['lobby', 'plaza']
    }
  })
  t.is(nodes.length, 1)
})

test('subscribe and unsubscribe name all that is followed', async (t) => {
  const client = await connect(t, await openOne(t))
  const { epoch } = await ask(client, { type: 'subscribe' })
  t.ok(typeof epoch === 'string' && epoch.length >= 16)
  const steps: [request: object, channels: string[]][] = [
    [{ type: 'subscribe', channel: 'a' }, ['a']],
    [{ type: 'subscribe', channels: ['b', 'c', 'a'] }, ['a', 'b', 'c']],
    [{ type: 'subscribe', channel: 'd', channels: ['e'] }, ['a', 'b', 'c', 'd', 'e']],
    [{ type: 'subscribe' }, ['a', 'b', 'c', 'd', 'e']],
    [{ type: 'subscribe', channels: [] }, ['a', 'b', 'c', 'd', 'e']],
    [{ type: 'unsubscribe', channel: 'a' }, ['b', 'c', 'd', 'e']],
    [{ type: 'unsubscribe', channels: ['b', 'never'] }, ['c', 'd', 'e']],
    [{ type: 'unsubscribe' }, []]
  ]
  for (const [request, channels] of steps)
    t.alike(await ask(client, request), { type: 'subscribed', channels, epoch, positions: {} })
})

test('filters, ping, health', async (t) => {
  const client = await connect(t, await openOne(t))
  const filter = 'Alpha+beta|gamma'
  t.alike(await ask(client, { type: 'set_filter', filter }), { type: 'filter_set', filter })
  t.alike(await ask(client, { type: 'clear_filter' }), { type: 'filter_set', filter: '' })
  const before = Date.now()
  const { ts, ...pong } = await ask(client, { type: 'ping' })
  t.alike(pong, { type: 'pong' })
  t.ok(Number(ts) >= before && Number(ts) <= Date.now())
  const { type, health, ...more } = await ask(client, { type: 'health' })
  t.alike([type, more], ['health', {}])
  const { status, uptimeSeconds, checks, ...none } = health as Record<string, unknown>
  t.alike(none, {})
  t.ok(['ok', 'degraded', 'starting'].includes(String(status)))
  t.ok(Number(uptimeSeconds) >= 0)
  for (const check of Object.values(checks as Record<string, object>))
    t.alike(Object.keys(check).sort(), ['detail', 'ok'])
})

test('welcome, invite, pending', async (t) => {
  const node = await openOne(t)
  const { key } = node.node
  const client = await connect(t, node)
  const welcomed = await ask(client, { type: 'welcome', channel: 'lobby', text: 'Be kind.' })
  const { welcome, welcome_b64, joiner, join, ...rest } = welcomed
  t.alike(rest, { type: 'welcome', channel: 'lobby', owner: key })
  t.alike(JSON.parse(b4a.toString(b4a.from(String(welcome_b64), 'base64'))), welcome)
  t.is((welcome as { payload: { text: string } }).payload.text, 'Be kind.')
  t.ok(String(joiner).startsWith('npm start -- ') && String(join).startsWith('/sc_join '))

  const request = { type: 'invite', channel: 'lobby', pubkey: STRANGER, ttl: 60 }
  const { invite, invite_b64, notes, joiner: starts, join: joins, ...others } = await ask(client, request)
  t.alike(others, { type: 'invite', channel: 'lobby' })
  t.ok(String(notes).includes('not invite-only on this peer'))
  t.alike(JSON.parse(b4a.toString(b4a.from(String(invite_b64), 'base64'))), invite)
  const { payload } = invite as { payload: Record<string, unknown> }
  t.alike([payload.inviteePubKey, payload.inviterPubKey], [STRANGER, key])
  t.is(Number(payload.expiresAt) - Number(payload.issuedAt), 60_000)
  t.alike((invite as { welcome: unknown }).welcome, welcome, 'the welcome goes with it')
  t.ok(String(starts).startsWith('npm start -- ') && String(joins).startsWith('/sc_join '))
  t.alike(await ask(client, { type: 'pending' }), { type: 'pending', requests: [] })
})

test('peers', async (t) => {
  const nodes = await openNodes(t, 2)
  const [node, other] = nodes
  if (node === undefined || other === undefined) return
  const client = await connect(t, node)
  await ask(client, { type: 'join', channel: 'lobby' })
  await ask(await connect(t, other), { type: 'join', channel: 'lobby' })
  await meet(nodes, [ENTRY, 'lobby' as typeof ENTRY])
  const { type, peers, ...more } = await ask(client, { type: 'peers' })
  t.alike([type, more], ['peers', {}])
  const [peer, ...rest] = peers as Record<string, unknown>[]
  t.alike(rest, [])
  const { since, rttMs, bytesIn, bytesOut, ...fields } = peer ?? {}
  t.alike(fields, {
    key: other.node.key,
    channels: [
      { channel: ENTRY, authorised: true },
      { channel: 'lobby', authorised: true }
    ],
    drops: 0
  })
  t.ok(HEX_64.test(String(fields.key)))
  t.ok(Number(since) <= Date.now() && Number(since) > Date.now() - 60_000)
  t.ok(rttMs === null || Number(rttMs) >= 0)
  t.ok(Number(bytesIn) > 0 && Number(bytesOut) > 0)
  t.is((await ask(client, { type: 'stats' })).connectionCount, 1)
})
