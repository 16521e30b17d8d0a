import test from 'brittle'
import { BridgeError, connect } from '#client'
import http from '#http'
import { BenchScope } from '../../../bench/helpers/scope.ts'
import { freePort } from '../../helpers/ports.ts'
import { name } from '../../unit/sidechannel/helpers.ts'
import { connectTo, ENTRY, failure, openPair, TOKEN } from './helpers.ts'
import { TcpProxy } from './proxy.ts'

const scope = new BenchScope()
const proxy = await TcpProxy.open(scope)
const { node, sender } = await openPair(scope, proxy.flags)
proxy.target = node.port

test('each request has its method and its reply', async (t) => {
  const client = await connectTo(t, node.url)
  t.is(client.hello.peer, node.node.key)
  t.is(client.hello.entryChannel, ENTRY)

  const heard = new Promise((resolve) => {
    sender.sidechannels.on('message', ({ message }) => resolve(message.message))
  })
  const sent = await client.send(ENTRY, { text: 'hello' })
  t.alike([sent.type, sent.channel, sent.neighbours], ['sent', ENTRY, 1])
  t.alike(await heard, { text: 'hello' })

  t.is((await client.join('room')).channel, 'room')
  t.alike((await client.stats()).channels, [ENTRY, 'room'])
  t.is((await client.open('room')).via, ENTRY)
  t.is((await client.leave('room')).ok, true)
  t.is((await client.leave('room')).ok, false)
  t.is((await client.info()).info.peerPubkey, node.node.key)
  t.is((await client.peers()).peers[0]?.key, sender.node.key)
  t.alike((await client.pending()).requests, [])
  t.is((await client.health()).health.status, node.node.health().status)
  t.ok((await client.ping()).ts > 0)
  t.is((await client.setFilter('a|b')).filter, 'a|b')
  t.is((await client.clearFilter()).filter, '')
  t.is((await client.request('ping')).type, 'pong')
})

test('the owner of a channel signs welcomes and invites, and the invited joins with them', async (t) => {
  const client = await connectTo(t, node.url)
  const { welcome, owner } = await client.welcome('club', 'Be kind.')
  t.is(owner, node.node.key)
  const { invite, invite_b64 } = await client.invite('club', sender.node.key, { ttl: 60, welcome })
  t.ok(typeof invite === 'object' && invite_b64.length > 0)

  const asked = new Promise((resolve) => client.on('open_request', resolve))
  await sender.sidechannels.open(name('room'), ENTRY)
  t.alike(await asked, { type: 'open_request', channel: 'room', from: sender.node.key })
  t.is((await client.pending()).requests[0]?.channel, 'room')
  t.is((await client.accept('room')).channel, 'room')
})

test('what the node refuses has the code, the detail and the next step that it gave', async (t) => {
  const client = await connectTo(t, node.url)
  const refused = (await failure(t, client.cli('/stats'))) as BridgeError
  t.ok(refused instanceof BridgeError)
  t.alike([refused.message, refused.code], ['CLI over WS is disabled.', 'disabled'])
  t.ok(refused.next.length > 0)
  t.is((await failure(t, client.join(''))).message, 'Missing channel.')
  t.is((await failure(t, client.request('join', {} as { channel: string }))).code, 'bad_request')
  t.is((await failure(t, client.request('nope' as 'ping'))).code, 'unknown_type')
  t.is((await failure(t, client.send(ENTRY, 10n))).code, 'unserialisable', 'not sent at all')
  t.is((await client.ping()).type, 'pong', 'the connection is as it was')
})

test('what is too large for the node is refused with that; what it took along is told why', async (t) => {
  const client = await connectTo(t, node.url)
  const large = failure(t, client.send(ENTRY, 'x'.repeat(3_000_000)))
  const behind = failure(t, client.ping())
  const refused = (await large) as BridgeError
  t.is(refused.code, 'too_large')
  t.ok(
    /^The node does not take a message of this size: .* \d+ bytes\.$/.test(refused.message),
    refused.message
  )
  t.is(refused.next, 'Shorten or split the message.')
  const lost = (await behind) as BridgeError
  t.is(lost.code, 'closed')
  t.ok(lost.detail?.includes('1009') && lost.detail.includes(' bytes'), lost.detail ?? '')
  t.is((await client.ping()).type, 'pong', 'on the next connection')
})

test('a wrong token is refused, and is not tried again', async (t) => {
  const before = proxy.connections
  const error = await failure(t, connect({ url: proxy.url, token: 'x'.repeat(32) }))
  t.ok(error instanceof BridgeError)
  t.alike([error.code, error.message], ['unauthorized', 'Unauthorized.'])
  await proxy.empty()
  t.is(proxy.connections, before + 1)
})

test('a thousand requests at once each get their own reply', async (t) => {
  const client = await connectTo(t, node.url)
  const replies = await Promise.all(
    Array.from({ length: 1000 }, (_, i) => client.setFilter(`number-${i}`).then(({ filter }) => filter))
  )
  t.alike(
    replies,
    replies.map((_, i) => `number-${i}`)
  )
})

test('close() ends requests that are under way, and may be called again', async (t) => {
  const client = await connectTo(t, proxy.url)
  await client.ping()
  proxy.stall()
  const requests = Array.from({ length: 20 }, () => failure(t, client.ping()))
  const messages = client.messages()
  const loop = messages.next()
  let closes = 0
  client.on('close', (error) => {
    t.is(error, null)
    closes++
  })
  const closing = Promise.all([client.close(), client.close()])
  for (const error of await Promise.all(requests)) t.is(error.code, 'closed')
  t.alike(await loop, { done: true, value: undefined })
  proxy.cut()
  await closing
  t.is(closes, 1)
  t.is((await failure(t, client.ping())).code, 'closed', 'what comes after it fails at once')
  t.is((await failure(t, client.messages().next())).code, 'closed')
})

test("a request that is not answered in time fails, and a late answer is nobody's", async (t) => {
  const client = await connectTo(t, proxy.url)
  await client.ping()
  proxy.stall()
  const error = await failure(t, client.request('set_filter', { filter: 'late' }, { timeoutMs: 50 }))
  t.is(error.code, 'timeout')
  proxy.flow()
  t.is((await client.ping()).type, 'pong')
})

test('a server that is not there, or is something else', async (t) => {
  const port = await freePort()
  const gone = (await failure(t, connect({ url: `ws://127.0.0.1:${port}`, token: TOKEN }))) as BridgeError
  t.is(gone.code, 'cannot_connect')
  t.ok(gone.message.includes(String(port)) && gone.next.includes('--sc-bridge'))
  t.is((await failure(t, connect({ url: 'no url', token: TOKEN }))).code, 'cannot_connect')

  const server = http.createServer((_, response) => response.end('hello'))
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
  const { port: web } = server.address() as { port: number }
  t.is((await failure(t, connect({ url: `ws://127.0.0.1:${web}`, token: TOKEN }))).code, 'cannot_connect')
})

test('the node closes', async (t) => {
  await t.execution(scope.close())
})
