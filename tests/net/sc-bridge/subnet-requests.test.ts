import test from 'brittle'
import { BenchScope } from '../../../bench/helpers/scope.ts'
import { LIST_LIMITS } from '../../../src/bridge/limits.ts'
import { isSubnetRequest, REQUESTS, type RequestType } from '../../../src/bridge/protocol.ts'
import { openSubnetBridge } from '../../helpers/subnet/bridge.ts'
import { startDht } from '../../helpers/swarm.ts'
import { ask, connect, ENTRY, isRefused, OPEN, openOne, type RawClient } from './helpers.ts'

const KEY = 'ab'.repeat(32)
const TOKENS = { read: 'r'.repeat(32), send: 's'.repeat(32), admin: 'a'.repeat(32), some: 'c'.repeat(32) }
const tokens = JSON.stringify({
  [TOKENS.read]: ['read'],
  [TOKENS.send]: ['send'],
  [TOKENS.admin]: ['admin'],
  [TOKENS.some]: { capabilities: ['read', 'send', 'join', 'admin'], channels: [ENTRY] }
})

const scope = new BenchScope()
const dht = await startDht(scope)
const node = await openSubnetBridge(scope, ['--sc-bridge-tokens', tokens], { dht })

const TYPES = (Object.keys(REQUESTS) as RequestType[]).filter(isSubnetRequest)

/** The request of the reference. */
function exampleOf(type: RequestType): object {
  return { type, ...JSON.parse(JSON.stringify(REQUESTS[type].example).replaceAll('<hex>', KEY)) }
}

async function codeOf(client: RawClient, type: RequestType): Promise<unknown> {
  const reply = await ask(client, exampleOf(type))
  return reply.type === 'error' ? reply.code : null
}

test('get and list: the confirmed state unless the latest is asked for', async (t) => {
  const client = await connect(t, node)
  await node.put({ 'app/a': 1, 'app/b': [2], 'app/c': null, 'app/d': 'x' })
  t.alike(await ask(client, { type: 'get', key: 'app/b', confirmed: false }), {
    ...{ type: 'state', key: 'app/b', confirmed: false, value: [2] }
  })
  t.alike(await ask(client, { type: 'get', key: 'app/none' }), {
    ...{ type: 'state', key: 'app/none', confirmed: true, value: null }
  })
  // The only indexer signs as it appends.
  const entries = [
    { key: 'app/a', value: 1 },
    { key: 'app/b', value: [2] },
    { key: 'app/d', value: 'x' }
  ]
  const list = { type: 'list', prefix: 'app/' }
  const listed = { type: 'entries', prefix: 'app/' }
  t.alike(await ask(client, { ...list, confirmed: false }), {
    ...listed,
    confirmed: false,
    entries,
    more: false
  })
  const first = await ask(client, { ...list, limit: 2, confirmed: false })
  t.alike(first, { ...listed, confirmed: false, entries: entries.slice(0, 2), more: true })
  t.alike(await ask(client, { ...list, after: 'app/b', limit: 1, confirmed: false }), {
    ...{ ...listed, confirmed: false, entries: entries.slice(2), more: false }
  })
  t.alike((await ask(client, { type: 'list', prefix: 'nothing/' })).entries, [])
  t.is((await ask(client, { type: 'list', prefix: '', confirmed: false })).more, false)
})

test('a page of a list is bounded in bytes as well', async (t) => {
  const client = await connect(t, node)
  const size = Math.floor(LIST_LIMITS.bytes / 3)
  await node.put(...Array.from({ length: 8 }, (_, i) => ({ [`large/${i}`]: { letters: size } })))
  const keys: string[] = []
  for (let more = true; more; ) {
    const after = keys.at(-1)
    const page = await ask(client, {
      type: 'list',
      prefix: 'large/',
      confirmed: false,
      ...(after && { after })
    })
    const entries = page.entries as { key: string }[]
    t.ok(entries.length >= 1 && entries.length <= 3)
    keys.push(...entries.map(({ key }) => key))
    more = page.more === true
  }
  t.alike(
    keys,
    Array.from({ length: 8 }, (_, i) => `large/${i}`),
    'each once'
  )
})

test('what the node says of its subnet', async (t) => {
  const client = await connect(t, node)
  const { info } = (await ask(client, { type: 'info' })) as unknown as { info: Record<string, unknown> }
  t.alike(
    [info.subnetBootstrap, info.subnetChannel, info.peerWriterKey],
    [node.desk.bootstrap, node.desk.channel, node.desk.writerKey]
  )
  const { stats } = (await ask(client, { type: 'subnet_stats' })) as unknown as {
    stats: Record<string, unknown>
  }
  t.alike(stats, JSON.parse(JSON.stringify((await node.desk.stats()).result)))
  t.is(stats.bootstrap, node.desk.bootstrap)
  const { roles } = (await ask(client, { type: 'roles' })) as unknown as { roles: Record<string, unknown> }
  t.is(roles.admin, node.node.key)
  t.alike(roles.writers, [{ key: node.desk.writerKey, indexer: true }])
  t.alike(roles.chat, true)
  const { contract } = (await ask(client, { type: 'contract' })) as unknown as {
    contract: Record<string, unknown>
  }
  t.alike(contract.txTypes, ['fail', 'set'])
  t.is((await ask(client, { type: 'tx_context' })).iw, node.desk.writerKey)
})

test('the chat', async (t) => {
  const client = await connect(t, node)
  const first = await ask(client, { type: 'post', message: 'hello', attachments: ['x'] })
  t.is(first.n, 0)
  t.ok(/^[0-9a-f]{128}$/.test(String(first.operationId)))
  t.is((await ask(client, { type: 'set_nick', nick: 'alice' })).operation, 'set_nick')
  t.is((await ask(client, { type: 'post', message: 'and you', reply_to: 0 })).n, 1)
  const address = node.node.key
  const said = { address, nick: 'alice', pinned: false, deletedBy: null }
  const messages = [
    { ...said, n: 0, message: 'hello', attachments: ['x'], replyTo: null },
    { ...said, n: 1, message: 'and you', attachments: [], replyTo: 0 }
  ]
  t.alike(await ask(client, { type: 'messages' }), { type: 'messages', total: 2, messages })
  t.alike(await ask(client, { type: 'messages', from: 1, limit: 1 }), {
    ...{ type: 'messages', total: 2, messages: messages.slice(1) }
  })
})

test('transactions', async (t) => {
  const client = await connect(t, node)
  const sim = await ask(client, { type: 'tx', command: 'set {"app/tx":1}', sim: true })
  t.alike([sim.type, sim.simulated, sim.value, sim.error], ['tx_result', true, '1 set', null])
  t.is((await ask(client, { type: 'get', key: 'app/tx', confirmed: false })).value, null)
  const done = await ask(client, { type: 'tx', dispatch: { type: 'set', value: { 'app/tx': 2 } } })
  t.alike([done.simulated, done.appended, done.error, done.n], [false, true, null, 0])
  t.is((await ask(client, { type: 'get', key: 'app/tx', confirmed: false })).value, 2)
  const wrong = await ask(client, { type: 'tx', command: 'fail' })
  t.alike([wrong.error, wrong.n], ['not like this', 1])

  isRefused(
    t,
    await ask(client, { type: 'tx', command: 'nonsense' }),
    'command not found: "nonsense".',
    'bad_request'
  )
  for (const request of [
    { type: 'tx' },
    { type: 'tx', command: 'fail', dispatch: { type: 'fail', value: 1 } }
  ]) {
    isRefused(t, await ask(client, request), 'Give command or dispatch, one of them.', 'bad_request')
  }
  const deep = JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`)
  const refused = await ask(client, { type: 'tx', dispatch: { type: 'set', value: deep } })
  t.is(refused.code, 'unserialisable')
})

test('what the admin decides', async (t) => {
  const client = await connect(t, node)
  const done = await ask(client, {
    type: 'operate',
    operation: 'set_auto_add_writers',
    args: { enabled: true }
  })
  t.is(done.operation, 'set_auto_add_writers')
  t.ok(typeof done.operationId === 'string')
  t.alike(done.lines, ['Set auto_add_writers: on'])
  const { roles } = (await ask(client, { type: 'roles' })) as unknown as { roles: Record<string, unknown> }
  t.is(roles.autoAddWriters, true)
  t.is((await ask(client, { type: 'operate', operation: 'add_writer' })).code, 'bad_request')
  t.is(
    (await ask(client, { type: 'operate', operation: 'add_writer', args: { key: 'x' } })).code,
    'bad_request'
  )
})

test('who may not write is told so', async (t) => {
  const flags = ['--subnet-bootstrap', node.desk.bootstrap]
  const reader = await openSubnetBridge(t, flags, { dht })
  const client = await connect(t, reader)
  await ask(client, { type: 'watch', prefixes: ['chat_status'] })
  const look = async () => (await ask(client, { type: 'get', key: 'chat_status', confirmed: false })).value
  // What is not here yet will be told; what was taken over as a whole, in one word.
  if ((await look()) !== 'on') {
    const told = await client.next()
    t.ok(told.type === 'lagged' ? told.state : told.value === 'on', JSON.stringify(told))
    t.is(await look(), 'on')
  }
  t.is((await ask(client, { type: 'post', message: 'hello' })).code, 'not_writable')
})

test('each request needs its capability, and tokens of some channels may none of them', async (t) => {
  for (const [name, token] of Object.entries(TOKENS)) {
    const client = await connect(t, node, token)
    for (const type of TYPES) {
      if (REQUESTS[type].needs !== name) t.is(await codeOf(client, type), 'forbidden', `${type} with ${name}`)
      else t.not(await codeOf(client, type), 'forbidden', `${type} with ${name}`)
    }
  }
  const some = await connect(t, node, TOKENS.some)
  const refused = await ask(some, { type: 'get', key: 'admin' })
  isRefused(t, refused, 'This token may not use the subnet: it is for some channels only.', 'forbidden')
  const { info } = (await ask(some, { type: 'info' })) as unknown as { info: Record<string, unknown> }
  t.alike([info.subnetBootstrap, info.subnetChannel, info.peerWriterKey], [null, null, null])
})

test('who changes to a token that may not hears nothing more', async (t) => {
  const client = await connect(t, node)
  await ask(client, { type: 'watch', prefixes: ['app/'], chat: true })
  t.is((await client.ask({ type: 'auth', token: TOKENS.some })).type, 'auth_ok')
  await node.put({ 'app/a': 'for others' })
  await node.say('for others')
  client.socket.sendJson({ type: 'ping' })
  t.is((await client.next()).type, 'pong')
})

test('without a subnet each of them says so', async (t) => {
  const other = await openOne(t, [...OPEN, '--subnet', '0'])
  const client = await connect(t, other)
  for (const type of TYPES) {
    isRefused(t, await ask(client, exampleOf(type)), 'This node has no subnet.', 'no_subnet')
  }
})

test('the node closes', async (t) => {
  await t.execution(scope.close())
})
