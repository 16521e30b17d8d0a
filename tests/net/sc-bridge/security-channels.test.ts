import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import { type OpenedBridge, TOKEN } from '../../helpers/bridge.ts'
import { seedKeyPair } from '../../helpers/swarm.ts'
import { ask, connect, ENTRY, hearNext, isRefused, ONE, OPEN, openNodes, TWO } from './helpers.ts'

const PUBKEY = b4a.toString(seedKeyPair(7).publicKey, 'hex')
const LIMITED = 'token-for-channel-one-only'

/** A node with a token that is for the channel `one` alone, and another that talks to it. */
async function openLimited(t: Assertions, more: readonly string[] = []) {
  const capabilities = ['read', 'send', 'join', 'admin', 'cli']
  const tokens = JSON.stringify({ [LIMITED]: { capabilities, channels: ['one'] } })
  const nodes = await openNodes(
    t,
    2,
    (index) => (index > 0 ? OPEN : [...OPEN, '--sc-bridge-cli', '1', '--sc-bridge-tokens', tokens, ...more]),
    [ONE, TWO]
  )
  const [node, other] = nodes as [OpenedBridge, OpenedBridge]
  return { node, other, limited: await connect(t, node, LIMITED), full: await connect(t, node) }
}

test('no request reaches another channel', async (t) => {
  const { limited, full } = await openLimited(t)
  const mine = 'one'
  for (const other of ['two', ' two ', ENTRY, 'new', 'ONE', 'one\u00a0x', '__proto__']) {
    const requests = [
      { type: 'send', channel: other, message: 'x' },
      { type: 'join', channel: other },
      { type: 'leave', channel: other },
      { type: 'open', channel: other, via: mine },
      { type: 'open', channel: mine, via: other },
      { type: 'subscribe', channel: other },
      { type: 'subscribe', channels: [mine, other] },
      { type: 'subscribe', channel: mine, channels: [other] },
      { type: 'subscribe', channel: other, since: 0 },
      { type: 'subscribe', channels: [other], since: { [other.trim()]: 0 } },
      { type: 'unsubscribe', channel: other },
      { type: 'unsubscribe', channels: [other] },
      { type: 'welcome', channel: other, text: 'mine' },
      { type: 'invite', channel: other, pubkey: PUBKEY },
      { type: 'accept', channel: other },
      { type: 'send', channel: mine, message: { control: 'open_channel', channel: other } }
    ]
    for (const request of requests)
      isRefused(t, await ask(limited, request), 'This token is for other channels.', 'forbidden')
  }
  const byEntry = await ask(limited, { type: 'open', channel: mine })
  isRefused(t, byEntry, 'This token is for other channels.', 'forbidden')
  const cli = await ask(limited, { type: 'cli', command: '/sc_send --channel one --message x' })
  isRefused(t, cli, 'This token may not cli: it is for some channels only.', 'forbidden')
  t.alike((await ask(full, { type: 'stats' })).channels, [ENTRY, ONE, TWO], 'nothing was joined or left')
})

test('in its own channel it may do everything', async (t) => {
  const { limited, node, other } = await openLimited(t)
  const channel = ' one '
  t.is((await ask(limited, { type: 'send', channel, message: 'x' })).neighbours, 1)
  t.is(
    (await ask(limited, { type: 'subscribe', channels: [channel], since: { one: 0, two: 0 } })).type,
    'subscribed'
  )
  t.is((await ask(limited, { type: 'unsubscribe' })).type, 'subscribed')
  t.is((await ask(limited, { type: 'open', channel, via: channel })).type, 'open_requested')
  t.is((await ask(limited, { type: 'invite', channel, pubkey: PUBKEY })).type, 'invite')
  t.is((await ask(limited, { type: 'leave', channel })).ok, true)
  t.is((await ask(limited, { type: 'join', channel })).type, 'joined')
  t.is((await ask(limited, { type: 'welcome', channel, text: 'mine' })).type, 'welcome')
  t.ok(node.node.key !== other.node.key)
})

test('nothing of other channels is shown: events, stats, info, peers', async (t) => {
  const { limited, full, other } = await openLimited(t)
  const all = [ENTRY, TWO, ONE]
  for (const channel of all) await other.sidechannels.send(channel, 'first')
  await hearNext(full, 3)
  t.alike(await hearNext(limited, 1), [[ONE, 'first']])
  t.alike((await ask(limited, { type: 'stats' })).channels, [ONE])
  const { info } = await ask(limited, { type: 'info' })
  t.alike((info as { sidechannelExtras: unknown }).sidechannelExtras, [ONE])
  const { peers } = await ask(limited, { type: 'peers' })
  t.alike(
    (peers as { channels: unknown }[]).map(({ channels }) => channels),
    [[{ channel: ONE, authorised: true }]]
  )
  const { peers: complete } = await ask(full, { type: 'peers' })
  t.is((complete as { channels: unknown[] }[])[0]?.channels.length, 3, 'there is more to be seen')

  for (const request of [
    { type: 'subscribe', since: { one: 0, two: 0, [ENTRY]: 0 } },
    { type: 'subscribe', since: {} },
    { type: 'subscribe' },
    { type: 'unsubscribe' }
  ]) {
    const { positions, replay = { one: 1 } } = await ask(limited, request)
    t.alike(positions, { one: 1 }, JSON.stringify(request))
    t.alike(Object.keys(replay as object), ['one'])
  }
  for (const channel of all) await other.sidechannels.send(channel, 'second')
  // The replays of above, then what is new.
  t.alike(await hearNext(limited, 3), [
    [ONE, 'first'],
    [ONE, 'first'],
    [ONE, 'second']
  ])
})

test('requests to open other channels are not shown', async (t) => {
  const { limited, full, other, node } = await openLimited(t)
  await ask(limited, { type: 'leave', channel: 'one' })
  for (const channel of ['three', 'one']) await other.sidechannels.open(channel as typeof ONE, ENTRY)
  t.alike([(await full.next()).channel, (await full.next()).channel], ['three', 'one'])
  const from = other.node.key
  t.alike(await limited.next(), { type: 'open_request', channel: 'one', from })
  const pending = async (client: typeof limited) =>
    ((await ask(client, { type: 'pending' })).requests as { channel: string }[]).map(({ channel }) => channel)
  t.alike(await pending(limited), ['one'])
  t.alike(await pending(full), ['three', 'one'])
  t.is((await ask(limited, { type: 'accept', channel: 'three' })).code, 'forbidden')
  t.is((await ask(limited, { type: 'accept', channel: 'one' })).type, 'joined')
  t.ok(node.sidechannels.channels.has(ONE))
})

test('who changes to such a token gets nothing more of what it followed', async (t) => {
  const { full, other, node } = await openLimited(t)
  const watcher = await connect(t, node)
  await ask(full, { type: 'subscribe', channels: ['two', ENTRY] })
  t.is((await ask(full, { type: 'auth', token: LIMITED })).type, 'auth_ok')
  for (const channel of [ENTRY, TWO, ONE]) await other.sidechannels.send(channel, 'secret')
  await hearNext(watcher, 3)
  t.alike((await ask(full, { type: 'stats' })).channels, [ONE], 'nothing came before it')
  t.alike((await ask(full, { type: 'subscribe', since: { two: 0 } })).replay, {})
  t.is((await ask(full, { type: 'auth', token: TOKEN })).type, 'auth_ok')
  await ask(full, { type: 'unsubscribe' })
  await other.sidechannels.send(TWO, 'for all')
  t.alike(await hearNext(full, 1), [[TWO, 'for all']])
})
