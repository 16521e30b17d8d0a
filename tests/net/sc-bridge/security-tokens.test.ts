import b4a from 'b4a'
import test, { type Assertions } from 'brittle'
import { TOKEN } from '../../helpers/bridge.ts'
import { seedKeyPair } from '../../helpers/swarm.ts'
import { ask, connect, ENTRY, isRefused, OPEN, openNodes, openOne } from './helpers.ts'

const CAPABILITIES = ['read', 'send', 'join', 'admin', 'cli'] as const
type Capability = (typeof CAPABILITIES)[number]

const HELP: Record<Capability, string> = {
  read: 'get events, ask for the state of the node and of its subnet',
  send: 'send messages, post and make transactions in the subnet',
  join: 'join, leave and open channels, accept requests',
  admin: 'sign invites and welcomes, operate the subnet',
  cli: 'run terminal commands, where the node has that switched on'
}
const PUBKEY = b4a.toString(seedKeyPair(7).publicKey, 'hex')
const channel = 'lobby'

/** What each request needs; written down once more, so that a slip in the table is seen. */
const REQUESTS: readonly (readonly [
  request: { readonly type: string },
  needs: Capability | null,
  reply: string
])[] = [
  [{ type: 'ping' }, null, 'pong'],
  [{ type: 'stats' }, 'read', 'stats'],
  [{ type: 'info' }, 'read', 'info'],
  [{ type: 'subscribe' }, 'read', 'subscribed'],
  [{ type: 'unsubscribe' }, 'read', 'subscribed'],
  [{ type: 'clear_filter' }, 'read', 'filter_set'],
  [{ type: 'pending' }, 'read', 'pending'],
  [{ type: 'peers' }, 'read', 'peers'],
  [{ type: 'health' }, 'read', 'health'],
  [{ type: 'set_filter', filter: '' } as { type: string }, 'read', 'filter_set'],
  [{ type: 'send', channel: ENTRY, message: 'x' } as { type: string }, 'send', 'sent'],
  [{ type: 'join', channel } as { type: string }, 'join', 'joined'],
  [{ type: 'open', channel } as { type: string }, 'join', 'open_requested'],
  [{ type: 'leave', channel } as { type: string }, 'join', 'left'],
  [{ type: 'accept', channel } as { type: string }, 'join', 'error'],
  [{ type: 'welcome', channel, text: 'Hi' } as { type: string }, 'admin', 'welcome'],
  [{ type: 'invite', channel, pubkey: PUBKEY } as { type: string }, 'admin', 'invite'],
  [{ type: 'cli', command: '/help' } as { type: string }, 'cli', 'cli_result']
]

const tokenOf = (...capabilities: Capability[]) => `token-that-may-${capabilities.join('-')}`

async function openWithTokens(t: Assertions, flags: readonly string[] = ['--sc-bridge-cli', '1']) {
  const each = CAPABILITIES.map((capability) => [tokenOf(capability), [capability]])
  const others = CAPABILITIES.map((capability) => {
    const rest = CAPABILITIES.filter((other) => other !== capability)
    return [tokenOf(...rest), rest]
  })
  const tokens = JSON.stringify(Object.fromEntries([...each, ...others]))
  return openOne(t, [...OPEN, ...flags, '--sc-bridge-tokens', tokens])
}

test('a token with one capability may do that, and nothing else', async (t) => {
  const node = await openWithTokens(t)
  for (const capability of CAPABILITIES) {
    const client = await connect(t, node, tokenOf(capability))
    for (const [request, needs, expected] of REQUESTS) {
      const reply = await ask(client, request)
      if (needs === null || needs === capability) {
        t.is(reply.type, expected, `${capability}: ${request.type}`)
        t.absent(reply.code === 'forbidden')
        continue
      }
      const why = `This token may not ${request.type}: it lacks "${needs}" (${HELP[needs]}).`
      isRefused(t, reply, why, 'forbidden')
    }
  }
})

test('a token that lacks one capability may do all the rest', async (t) => {
  const node = await openWithTokens(t)
  for (const capability of CAPABILITIES) {
    const client = await connect(t, node, tokenOf(...CAPABILITIES.filter((other) => other !== capability)))
    for (const [request, needs, expected] of REQUESTS) {
      const reply = await ask(client, request)
      if (needs === capability) t.is(reply.code, 'forbidden', `without ${capability}: ${request.type}`)
      else t.is(reply.type, expected, `without ${capability}: ${request.type}`)
    }
  }
})

test('what is forbidden is so before its fields are looked at', async (t) => {
  const node = await openWithTokens(t)
  const client = await connect(t, node, tokenOf('read'))
  for (const type of ['send', 'join', 'leave', 'open', 'welcome', 'invite', 'accept', 'cli'])
    t.is((await ask(client, { type })).code, 'forbidden', type)
})

test('a token that may run commands may not where that is off', async (t) => {
  const node = await openWithTokens(t, [])
  for (const token of [TOKEN, tokenOf('cli')]) {
    const client = await connect(t, node, token)
    isRefused(t, await ask(client, { type: 'cli', command: '/help' }), 'CLI over WS is disabled.', 'disabled')
  }
})

test('who may send but not join sends only where the node is', async (t) => {
  const node = await openWithTokens(t)
  const client = await connect(t, node, tokenOf('send'))
  const reply = await ask(client, { type: 'send', channel, message: 'x' })
  isRefused(t, reply, 'Send denied (this token may not join the channel first).', 'forbidden')
  t.alike([...node.sidechannels.channels.keys()], [ENTRY])
  await ask(await connect(t, node), { type: 'join', channel })
  t.is((await ask(client, { type: 'send', channel, message: 'x' })).type, 'sent')
  // The same as the request that this token may not make.
  const control = { control: 'open_channel', channel: 'plaza' }
  const opened = await ask(client, { type: 'send', channel: ENTRY, message: control })
  isRefused(t, opened, `This token may not open: it lacks "join" (${HELP.join}).`, 'forbidden')
})

test('who may not read gets no events', async (t) => {
  const [node, other] = await openNodes(t, 2, (index) =>
    index > 0 ? OPEN : [...OPEN, '--sc-bridge-tokens', JSON.stringify({ [tokenOf('send')]: ['send'] })]
  )
  if (node === undefined || other === undefined) return
  const [blind, reader] = [await connect(t, node, tokenOf('send')), await connect(t, node)]
  await other.sidechannels.send(ENTRY, 'a message')
  await other.sidechannels.open('plaza' as typeof ENTRY, ENTRY)
  t.is((await reader.next()).type, 'sidechannel_message')
  t.is((await reader.next()).type, 'open_request')
  blind.socket.sendJson({ type: 'ping' })
  t.is((await blind.next()).type, 'pong', 'nothing came before it')
})

test('another token on the same connection: what counts is the last', async (t) => {
  const node = await openWithTokens(t)
  const client = await connect(t, node)
  t.is((await ask(client, { type: 'stats' })).type, 'stats')
  t.is((await ask(client, { type: 'auth', token: tokenOf('send') })).type, 'auth_ok')
  t.is((await ask(client, { type: 'stats' })).code, 'forbidden')
  t.is((await ask(client, { type: 'auth', token: TOKEN })).type, 'auth_ok')
  t.is((await ask(client, { type: 'stats' })).type, 'stats')
})
