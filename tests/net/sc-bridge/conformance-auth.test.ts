import test from 'brittle'
import { REQUESTS } from '../../../src/bridge/protocol.ts'
import { openBridge, TOKEN } from '../../helpers/bridge.ts'
import { RawWebSocket } from '../../helpers/raw-websocket.ts'
import { startDht } from '../../helpers/swarm.ts'
import { ask, connect, ENTRY, type Json, OPEN, openNodes, openOne, stranger } from './helpers.ts'

const UNAUTHORIZED = {
  type: 'error',
  error: 'Unauthorized.',
  code: 'unauthorized',
  next: 'Authenticate first, with the token of this peer.'
}

test('hello comes first and says who this is', async (t) => {
  const { node, port } = await openOne(t)
  const socket = await RawWebSocket.connect(t, port)
  t.alike(await socket.nextJson<Json>(), {
    type: 'hello',
    peer: node.key,
    address: node.address,
    entryChannel: '0000intercom',
    filter: '',
    requiresAuth: true
  })
  socket.sendJson({ type: 'auth', token: TOKEN })
  t.alike(await socket.nextJson<Json>(), { type: 'auth_ok' })
})

test('hello names the default filter', async (t) => {
  const { port } = await openBridge(t, await startDht(t), [...OPEN, '--sc-bridge-filter', 'Alpha+beta|gamma'])
  const socket = await RawWebSocket.connect(t, port)
  t.is((await socket.nextJson<Json>()).filter, 'Alpha+beta|gamma')
})

test('before auth every request is refused, and nothing of it is done', async (t) => {
  const node = await openOne(t, [...OPEN, '--sc-bridge-cli', '1'])
  const socket = await stranger(t, node.port)
  const types = Object.entries(REQUESTS).filter(([type]) => type !== 'auth')
  for (const [index, [type, { example }]] of types.entries()) {
    socket.sendJson({ ...example, type, id: index })
    t.alike(await socket.nextJson<Json>(), { ...UNAUTHORIZED, id: index }, type)
    socket.sendJson({ ...example, type })
    t.alike(await socket.nextJson<Json>(), UNAUTHORIZED, `${type} without an id`)
  }
  // A stranger may not say much on one connection.
  const other = await stranger(t, node.port)
  const texts = [
    '',
    ' ',
    '{',
    'ping',
    '"ping"',
    '7',
    'null',
    '[]',
    '[{"type":"auth"}]',
    '{}',
    '{"type":"nope"}'
  ]
  for (const text of [...texts, '{"type":"auth"}', `{"type":"auth","token":["${TOKEN}"]}`]) {
    other.sendText(text)
    t.alike(await other.nextJson<Json>(), UNAUTHORIZED, text)
  }
  other.sendText('{"id":5,"type":"nope"}')
  t.alike(await other.nextJson<Json>(), { ...UNAUTHORIZED, id: 5 })
  t.alike([...node.sidechannels.channels.keys()], [ENTRY], 'no channel was joined')

  other.sendJson({ type: 'auth', token: TOKEN, id: 9 })
  t.alike(await other.nextJson<Json>(), { type: 'auth_ok', id: 9 }, 'and then it can authenticate')
  other.sendJson({ type: 'clear_filter' })
  t.alike(await other.nextJson<Json>(), { type: 'filter_set', filter: '' })
})

test('no event is delivered before auth, and none of before after it', async (t) => {
  const [node, other] = await openNodes(t, 2)
  if (node === undefined || other === undefined) return
  const silent = await stranger(t, node.port)
  const heard = await connect(t, node)
  await other.sidechannels.send(ENTRY, 'before')
  t.is((await heard.nextMessage()).message, 'before')
  silent.sendJson({ type: 'ping' })
  t.alike(await silent.nextJson<Json>(), UNAUTHORIZED, 'nothing came in front of it')
  silent.sendJson({ type: 'auth', token: TOKEN })
  t.alike(await silent.nextJson<Json>(), { type: 'auth_ok' })
  await other.sidechannels.send(ENTRY, 'after')
  t.is((await silent.nextJson<Json>()).message, 'after')
})

test('clients do not meddle with each other', async (t) => {
  const node = await openOne(t)
  const clients = await Promise.all(Array.from({ length: 30 }, () => connect(t, node)))
  // All with the same ids.
  const replies = await Promise.all(
    clients.map(async (client, index) => {
      const filter = `words of ${index}`
      return (await client.ask({ type: 'set_filter', filter })).filter === filter
    })
  )
  t.absent(replies.includes(false))
  for (const client of clients.slice(0, 15)) client.destroy()
  for (const client of clients.slice(15)) t.is((await ask(client, { type: 'ping' })).type, 'pong')
})

test('a client may authenticate again, and a wrong token does not take away what it has', async (t) => {
  const node = await openOne(t)
  const client = await connect(t, node)
  t.alike(await client.ask({ type: 'auth', token: TOKEN }), { type: 'auth_ok', id: 1 })
  t.alike(await client.ask({ type: 'auth', token: 'wrong' }), { ...UNAUTHORIZED, id: 2 })
  t.is((await client.ask({ type: 'ping' })).type, 'pong')
})

test('a bridge that closes says so', async (t) => {
  const node = await openOne(t)
  const clients = await Promise.all([connect(t, node), connect(t, node)])
  await node.bridge.close()
  for (const client of clients) t.is(await client.socket.nextClose(), 1001)
})
