import test from 'brittle'
import { type BridgeError, type ChatGap, connect, type StateGap } from '#client'
import { BenchScope } from '../../../bench/helpers/scope.ts'
import { openBridge } from '../../helpers/bridge.ts'
import { openSubnetBridge } from '../../helpers/subnet/bridge.ts'
import { startDht } from '../../helpers/swarm.ts'
import { abortable, connectTo, failure, TOKEN } from './helpers.ts'
import { TcpProxy } from './proxy.ts'

/** Attempts follow each other at once: no test waits for the backoff. */
const SOON = { minMs: 1, maxMs: 20 }

const scope = new BenchScope()
const proxy = await TcpProxy.open(scope)
const dht = await startDht(scope)
const node = await openSubnetBridge(scope, proxy.flags, { dht })
proxy.target = node.port

/** The next so many, as [key, value]. */
async function take(loop: AsyncIterator<{ key: string; value: unknown }>, count: number): Promise<unknown[]> {
  const taken: unknown[] = []
  while (taken.length < count) {
    const { value } = await loop.next()
    taken.push([value?.key, value?.value])
  }
  return taken
}

async function said(
  loop: AsyncIterator<{ n: number; message: string | null }>,
  count: number
): Promise<unknown[]> {
  const heard: unknown[] = []
  while (heard.length < count) heard.push((await loop.next()).value?.message)
  return heard
}

test('loops over changes and over the chat: each gets its own', async (t) => {
  const client = await connectTo(t, node.url)
  const app = client.changes({ prefixes: ['app/'] })
  const both = client.changes({ prefixes: ['app/', 'end'] })
  const chat = client.chat()
  await Promise.all([app.ready, both.ready, chat.ready])
  await node.put({ 'app/a': 1, other: 1, end: 1 })
  await node.say('hello')
  t.alike(await take(app, 1), [['app/a', 1]])
  t.alike(await take(both, 2), [
    ['app/a', 1],
    ['end', 1]
  ])
  t.alike(await said(chat, 1), ['hello'])

  await app.return()
  await chat.return()
  await node.put({ 'app/a': 2, end: 2 })
  t.alike(
    await take(both, 2),
    [
      ['app/a', 2],
      ['end', 2]
    ],
    'what another one wants is not ended'
  )
  await both.return()
  t.alike((await client.request('watch')).prefixes, [], 'the node watches nothing any more')
  t.is((await client.request('watch')).chat, false)
})

test('of a key only the latest value waits, and one that is too slow is told', async (t) => {
  const client = await connectTo(t, node.url)
  const gaps: StateGap[] = []
  const slow = client.changes({ prefixes: ['slow/'], maxBuffered: 2, onGap: (gap) => gaps.push(gap) })
  const strict = client.changes({ prefixes: ['slow/'], maxBuffered: 2 })
  const last = client.changes({ prefixes: ['end'] })
  await Promise.all([slow.ready, strict.ready, last.ready])
  await node.put({ 'slow/a': 1 }, { 'slow/b': 1 })
  await node.put({ 'slow/a': 2, end: 1 })
  await take(last, 1)
  t.alike(await take(slow, 2), [
    ['slow/a', 2],
    ['slow/b', 1]
  ])
  await node.put({ 'slow/a': 3, 'slow/b': 3, 'slow/c': 3, 'slow/d': 3, end: 2 })
  await take(last, 1)
  t.alike(await take(slow, 1), [['slow/d', 3]])
  t.alike(gaps, [{ reason: 'lagged' }])
  const error = (await failure(t, strict.next())) as BridgeError
  t.is(error.code, 'gap')
  t.ok(error.next.includes('changes()'))
  t.is((await strict.next()).done, true)
})

test('after a new connection the loops go on, and say that something may be missing', async (t) => {
  const client = await connectTo(t, proxy.url, { reconnect: SOON })
  const gaps: unknown[] = []
  const changes = client.changes({ prefixes: ['app/', 'end'], onGap: (gap) => void gaps.push(gap) })
  const chat = client.chat({ onGap: (gap) => void gaps.push(gap) })
  const strict = client.chat()
  await Promise.all([changes.ready, chat.ready, strict.ready])
  await node.put({ 'app/a': 5 })
  await node.say('before')
  t.alike(await take(changes, 1), [['app/a', 5]])
  t.alike(await said(chat, 1), ['before'])
  t.alike(await said(strict, 1), ['before'])
  const { total } = await client.chatMessages()

  const gone = new Promise((resolve) => client.on('reconnecting', resolve))
  proxy.target = 0
  proxy.cut()
  await gone
  // One that begins while there is no connection waits for it, and has nothing to miss.
  const late = client.changes({ prefixes: ['app/b', 'late'] })
  await node.put({ 'app/missed': 1 })
  await node.say('missed')
  const next = take(changes, 1)
  const words = said(chat, 1)
  const failed = failure(t, strict.next())
  proxy.target = node.port
  await late.ready
  await node.put({ 'app/b': 6 })
  await node.say('after')
  t.alike(await next, [['app/b', 6]])
  t.alike(await take(late, 1), [['app/b', 6]])
  t.alike(await words, ['after'])
  t.is(((await failed) as BridgeError).code, 'gap')
  t.alike(gaps, [
    { reason: 'disconnected' },
    { from: total, to: null, reason: 'disconnected' } satisfies ChatGap
  ])
  t.alike(
    (await client.chatMessages({ from: total })).messages.map(({ message }) => message),
    ['missed', 'after']
  )
})

test('a chat that is too slow is told which are missing, at their place', async (t) => {
  const client = await connectTo(t, node.url)
  const heard: unknown[] = []
  const chat = client.chat({ maxBuffered: 2, onGap: (gap) => heard.push(gap) })
  const last = client.changes({ prefixes: ['end'] })
  await Promise.all([chat.ready, last.ready])
  const { total } = await client.chatMessages()
  await node.say('one', 'two', 'three', 'four')
  await node.put({ end: 3 })
  await take(last, 1)
  heard.push(...(await said(chat, 2)))
  await node.say('five')
  heard.push(...(await said(chat, 1)))
  t.alike(heard, ['one', 'two', { from: total + 2, to: total + 3, reason: 'lagged' }, 'five'])
})

test('a signal, close(), and what cannot be asked for', async (t) => {
  const client = await connectTo(t, node.url)
  const { signal, abort } = abortable(new Error('enough'))
  const stopped = client.changes({ prefixes: [''], signal })
  await stopped.ready
  abort()
  t.is((await failure(t, stopped.next())).message, 'enough')
  for (const options of [{ prefixes: [] }, { prefixes: ['a'], maxBuffered: 0 }]) {
    t.is((await failure(t, (async () => client.changes(options))())).code, 'bad_request')
  }
  t.is((await failure(t, client.changes({ prefixes: ['x'.repeat(257)] }).next())).code, 'bad_request')
  const left = [client.changes({ prefixes: ['a'] }), client.chat()]
  await Promise.all(left.map(({ ready }) => ready))
  await client.close()
  for (const loop of left) t.is((await loop.next()).done, true)
  t.is((await failure(t, client.chat().next())).code, 'closed')
})

test('without a subnet', async (t) => {
  const other = await openBridge(t, dht, ['--subnet', '0'])
  const client = await connect({ url: other.url, token: TOKEN, reconnect: false })
  for (const loop of [client.changes({ prefixes: ['a'] }), client.chat()]) {
    t.is((await failure(t, loop.ready)).code, 'no_subnet')
    t.is((await failure(t, loop.next())).code, 'no_subnet')
  }
  t.is((await failure(t, client.get('a'))).code, 'no_subnet')
  await client.close()
})

test('the node closes', async (t) => {
  await t.execution(scope.close())
})
