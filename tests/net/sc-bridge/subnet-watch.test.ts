import test from 'brittle'
import { BenchScope } from '../../../bench/helpers/scope.ts'
import { CHANGE_BYTES, FEED_LIMITS, STATE_LIMITS } from '../../../src/bridge/limits.ts'
import type { Json, RawClient } from '../../helpers/bridge-client.ts'
import { openSubnetBridge } from '../../helpers/subnet/bridge.ts'
import { ask, connect, isRefused } from './helpers.ts'

const scope = new BenchScope()
const node = await openSubnetBridge(scope)

/** The changes up to the one of this key, with this value if one is given. */
async function changesTo(client: RawClient, last: string, value?: unknown): Promise<Json[]> {
  const changes: Json[] = []
  while (changes.at(-1)?.key !== last || (value !== undefined && changes.at(-1)?.value !== value)) {
    const event = await client.next()
    if (event.type !== 'state_changed') throw new Error(`not a change: ${JSON.stringify(event)}`)
    changes.push(event)
  }
  return changes
}

/** As [key, value]. */
async function heardTo(client: RawClient, last: string): Promise<unknown[]> {
  return (await changesTo(client, last)).map(({ key, value }) => [key, value])
}

test('changes go to those who watch the key, once however many prefixes cover it', async (t) => {
  const [app, all, none] = await Promise.all([connect(t, node), connect(t, node), connect(t, node)])
  t.alike(await ask(app, { type: 'watch', prefixes: ['app/', 'app/a', 'end'] }), {
    ...{ type: 'watching', prefixes: ['app/', 'app/a', 'end'], chat: false }
  })
  t.alike(await ask(app, { type: 'watch', prefixes: ['app/'] }), {
    ...{ type: 'watching', prefixes: ['app/', 'app/a', 'end'], chat: false }
  })
  await ask(all, { type: 'watch', prefixes: [''] })
  await node.put({ 'app/a': 1, apple: 2 }, { 'app/b': { deep: ['x'] } }, { end: 1 })
  t.alike(await heardTo(app, 'end'), [
    ['app/a', 1],
    ['app/b', { deep: ['x'] }],
    ['end', 1]
  ])
  const keys = (await changesTo(all, 'end')).map(({ key }) => String(key))
  t.alike(
    keys.filter((key) => !key.startsWith('sh/')),
    ['app/a', 'apple', 'app/b', 'end']
  )
  t.ok(
    keys.some((key) => key.startsWith('sh/')),
    'every key is every key'
  )

  await node.put({ 'app/a': null, end: 2 })
  t.alike(await heardTo(app, 'end'), [
    ['app/a', null],
    ['end', 2]
  ])
  t.alike(await ask(app, { type: 'unwatch', prefixes: ['app/'] }), {
    ...{ type: 'watching', prefixes: ['app/a', 'end'], chat: false }
  })
  await node.put({ 'app/a': 3, 'app/c': 3, end: 3 })
  t.alike(await heardTo(app, 'end'), [
    ['app/a', 3],
    ['end', 3]
  ])
  t.alike(await ask(app, { type: 'unwatch' }), { type: 'watching', prefixes: [], chat: false })
  await node.put({ end: 4 })
  for (const client of [app, none]) {
    client.socket.sendJson({ type: 'ping' })
    t.is((await client.next()).type, 'pong', 'nothing else came')
  }
})

test('what is told is what get gives, and a large value is not sent along', async (t) => {
  const client = await connect(t, node)
  await ask(client, { type: 'watch', prefixes: ['v'] })
  // Two for the quotes.
  await node.put({ v1: { letters: CHANGE_BYTES - 2 }, v2: { letters: CHANGE_BYTES - 1 }, v3: false })
  const [fits, large, last] = await changesTo(client, 'v3')
  t.is(String(fits?.value).length, CHANGE_BYTES - 2)
  t.alike(large, { type: 'state_changed', key: 'v2', value: null, truncated: true })
  t.alike(last, { type: 'state_changed', key: 'v3', value: false })
  const { value } = await ask(client, { type: 'get', key: 'v2', confirmed: false })
  t.is(String(value).length, CHANGE_BYTES - 1)
})

test('the chat goes to those who asked for it', async (t) => {
  const [chat, state] = await Promise.all([connect(t, node), connect(t, node)])
  t.alike(await ask(chat, { type: 'watch', chat: true }), { type: 'watching', prefixes: [], chat: true })
  await ask(state, { type: 'watch', prefixes: ['msgl'] })
  await node.say('one', 'two')
  for (const [n, message] of ['one', 'two'].entries()) {
    const { signature, ...event } = await chat.next()
    t.alike(event, {
      ...{
        type: 'chat_message',
        n,
        address: node.node.key,
        nick: null,
        message,
        attachments: [],
        replyTo: null
      }
    })
    t.ok(/^[0-9a-f]{128}$/.test(String(signature)))
  }
  t.ok((await changesTo(state, 'msgl', 2)).length <= 2)
  t.alike(await ask(chat, { type: 'unwatch', chat: true }), { type: 'watching', prefixes: [], chat: false })
  await node.say('three')
  chat.socket.sendJson({ type: 'ping' })
  t.is((await chat.next()).type, 'pong')
})

test('at most so many prefixes', async (t) => {
  const client = await connect(t, node)
  const prefixes = Array.from({ length: 256 }, (_, i) => `p${i}`)
  t.is((await ask(client, { type: 'watch', prefixes })).type, 'watching')
  t.is((await ask(client, { type: 'watch', prefixes: ['p0'] })).type, 'watching')
  const refused = await ask(client, { type: 'watch', prefixes: ['one more'] })
  isRefused(t, refused, 'Invalid prefixes (at most 256 are watched).', 'bad_request')
})

/** The client has all of it once this key came. */
async function readState(client: RawClient): Promise<{ state: Map<string, unknown>; lagged: Json[] }> {
  const state = new Map<string, unknown>()
  const lagged: Json[] = []
  while (!state.has('big/end')) {
    const event = await client.next()
    if (event.type === 'state_changed') state.set(String(event.key), event.value)
    else if (event.type === 'lagged') lagged.push(event)
  }
  return { state, lagged }
}

async function fill(rounds: number, keys: number, good: RawClient): Promise<void> {
  for (let round = 1; round <= rounds; round++) {
    const names = Array.from({ length: keys }, (_, i) => `big/${i}`)
    await node.put(...names.map((name) => ({ [name]: { letters: 50_000 + round } })), {
      [`round/${round}`]: true
    })
    await changesTo(good, `round/${round}`)
  }
}

test('a client that never reads costs one value a key, and at most so much', {
  timeout: 40_000
}, async (t) => {
  const [slow, good] = await Promise.all([connect(t, node), connect(t, node)])
  await ask(slow, { type: 'watch', prefixes: ['big/'] })
  await ask(good, { type: 'watch', prefixes: ['round/'] })
  slow.socket.stream.hold()
  // Few keys, many times: more than the buffers of the system take, but what waits fits.
  await fill(8, 40, good)
  t.ok(node.bridge.waitingBytes > 0, 'it does not read')
  t.ok(node.bridge.waitingBytes < 41 * 51_000, `${node.bridge.waitingBytes} bytes wait for it`)
  await node.put({ 'big/end': 1 })
  slow.socket.stream.release()
  const { state, lagged } = await readState(slow)
  t.alike(lagged, [], 'nothing was lost')
  t.is(state.size, 41)
  for (const [key, value] of state) if (key !== 'big/end' && String(value).length !== 50_008) t.fail(key)

  // Many keys: more than may wait.
  slow.socket.stream.hold()
  await fill(2, 300, good)
  t.ok(
    node.bridge.waitingBytes <= STATE_LIMITS.maxBytes + FEED_LIMITS.maxBytes,
    `${node.bridge.waitingBytes}`
  )
  const asked = slow.ask({ type: 'ping' })
  slow.socket.stream.release()
  t.is((await asked).type, 'pong', 'a reply is not dropped')
  await node.put({ 'big/end': 2 })
  const { lagged: told } = await readState(slow)
  t.ok(told.length > 0, 'it is told')
  for (const { dropped: _, ...rest } of told) t.alike(rest, { type: 'lagged', channels: {}, state: true })
  const dropped = told.reduce((total, event) => total + Number(event.dropped), 0)
  t.ok(dropped > 100, `${dropped} dropped`)
  const { entries } = await ask(slow, { type: 'list', prefix: 'big/', confirmed: false })
  t.ok((entries as unknown[]).length > 0, 'and can read again')
})

test('what waits does not come once it is watched no longer', { timeout: 20_000 }, async (t) => {
  const [slow, good] = await Promise.all([connect(t, node), connect(t, node)])
  await ask(slow, { type: 'watch', prefixes: ['big/'] })
  await ask(good, { type: 'watch', prefixes: ['round/'] })
  slow.socket.stream.hold()
  await fill(6, 40, good)
  t.ok(node.bridge.waitingBytes > 0)
  slow.socket.sendJson({ id: -1, type: 'unwatch' })
  slow.socket.stream.release()
  let event = await slow.next()
  while (event.id !== -1) event = await slow.next()
  slow.socket.sendJson({ type: 'ping' })
  t.is((await slow.next()).type, 'pong')
})

test('the node closes', async (t) => {
  await t.execution(scope.close())
})
