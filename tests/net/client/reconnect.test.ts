import test from 'brittle'
import fc from 'fast-check'
import { type BridgeError, connect, type Gap, type MessageStream } from '#client'
import { BenchScope } from '../../../bench/helpers/scope.ts'
import { openBridge, TOKEN } from '../../helpers/bridge.ts'
import { neighbours } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { startDht } from '../../helpers/swarm.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'
import { name } from '../../unit/sidechannel/helpers.ts'
import { connectTo, ENTRY, FAST, failure, openPair, says, take } from './helpers.ts'
import { TcpProxy } from './proxy.ts'

/** Attempts follow each other at once: no test waits for the backoff. */
const SOON = { minMs: 1, maxMs: 20 }

/** Of each of the two channels. */
const TOTAL = 1500
const scope = new BenchScope()
const proxy = await TcpProxy.open(scope)
const { node, sender } = await openPair(
  scope,
  [...proxy.flags, '--sidechannel-history', String(TOTAL)],
  ['room']
)

test('a connection that is cut is made again, and nothing is missed or repeated', async (t) => {
  proxy.target = node.port
  const client = await connectTo(t, proxy.url, { reconnect: SOON })
  const one = client.messages({ channel: ENTRY })
  const all = client.messages()
  await Promise.all([one.ready, all.ready])
  await client.setFilter('keep')
  await sender.sidechannels.send(ENTRY, 'keep 1')
  t.alike(await says(one, 1), ['keep 1'])

  const lost = new Promise<{ attempt: number; delayMs: number; error: BridgeError }>((resolve) =>
    client.on('reconnecting', resolve)
  )
  const back = new Promise((resolve) => client.on('reconnected', resolve))
  proxy.target = 0
  proxy.cut()
  const { attempt, delayMs, error } = await lost
  t.is(attempt, 1)
  t.ok(delayMs <= 20)
  t.ok(error.code === 'closed' || error.code === 'cannot_connect')
  // Asked for now, answered on the next connection.
  const reply = client.ping()
  const next = says(one, 2)
  await sender.sidechannels.send(ENTRY, 'keep 2')
  await sender.sidechannels.send(ENTRY, 'not this')
  await sender.sidechannels.send(ENTRY, 'keep 3')
  proxy.target = node.port
  await back
  t.is((await reply).type, 'pong')
  t.alike(await next, ['keep 2', 'keep 3'], 'the filter is set again')
  t.alike(await says(all, 3), ['keep 1', 'keep 2', 'keep 3'])
})

test('requests that were sent are not sent again, and those that wait do not wait for ever', async (t) => {
  proxy.target = node.port
  const client = await connectTo(t, proxy.url, { reconnect: SOON })
  await client.ping()
  proxy.stall()
  const sent = failure(t, client.send(ENTRY, 'once'))
  proxy.target = 0
  proxy.cut()
  const error = (await sent) as BridgeError
  t.is(error.code, 'closed')
  t.ok(error.detail?.includes('may have been done'))
  const waiting = (await failure(t, client.request('ping', {}, { timeoutMs: 50 }))) as BridgeError
  t.is(waiting.code, 'timeout')
  t.ok(waiting.next.startsWith('It was not sent.'))
})

test('a node that stands still is noticed', async (t) => {
  proxy.target = node.port
  const client = await connectTo(t, proxy.url, { reconnect: SOON, heartbeatMs: 50 })
  const reason = new Promise<BridgeError>((resolve) =>
    client.on('reconnecting', ({ error }) => resolve(error))
  )
  const back = new Promise((resolve) => client.on('reconnected', resolve))
  proxy.stall()
  t.is((await reason).code, 'timeout')
  await back
  t.is((await client.ping()).type, 'pong')
  // The first connection cannot be closed politely.
  proxy.cut()
})

test('thousands of messages and random disconnects: each once and in order', {
  timeout: 50_000
}, async (t) => {
  proxy.target = node.port
  const client = await connectTo(t, proxy.url, { reconnect: SOON })
  const streams = [
    client.messages(),
    client.messages({ channel: ENTRY }),
    client.messages({ channel: 'room', maxBuffered: 10 })
  ]
  await Promise.all(streams.map(({ ready }) => ready))
  const starts = await client.request('subscribe')
  let reconnects = 0
  client.on('reconnected', () => reconnects++)
  client.on('gap', (gap) => t.fail(JSON.stringify(gap)))

  // After how many messages the connection goes, each time.
  const seed = Date.now() % 1_000_000
  const lives = fc.sample(fc.integer({ min: 1, max: 100 }), { numRuns: 2 * TOTAL, seed })
  let left = lives.pop() ?? 1
  let behind = 0
  let wake = () => {}
  const read = async (stream: MessageStream, index: number) => {
    const seen: Record<string, number> = {}
    for (let i = 0; i < (index === 0 ? 2 : 1) * TOTAL; i++) {
      const [heard] = await take(stream, 1)
      if (heard === undefined) return
      const { channel, seq, message } = heard
      const expected = (seen[channel] ?? 0) + 1
      seen[channel] = expected
      if (message !== expected || seq !== (starts.positions[channel] ?? 0) + expected) {
        t.fail(`loop ${index}: ${message}, not ${expected}, in ${channel} (seed ${seed})`)
        return
      }
      if (index > 0) continue
      behind--
      wake()
      if (--left > 0) continue
      proxy.cut()
      left = lives.pop() ?? 1
    }
  }
  const reading = Promise.all(streams.map(read))
  for (let i = 1; i <= TOTAL; i++) {
    await Promise.all([ENTRY, name('room')].map((channel) => sender.sidechannels.send(channel, i)))
    behind += 2
    // Else all would be sent before the client is back for the second time.
    while (behind > 50) await new Promise<void>((resolve) => (wake = resolve))
  }
  await reading
  t.ok(reconnects > 20, `${reconnects} reconnects`)
})

test('a client that does not read for a while gets what the node still holds, and is told of the rest', async (t) => {
  proxy.target = node.port
  const client = await connectTo(t, proxy.url, { reconnect: SOON })
  const gaps: Gap[] = []
  const messages = client.messages({ channel: ENTRY, onGap: (gap) => gaps.push(gap) })
  await messages.ready
  const { positions } = await client.request('subscribe')
  let last = positions[ENTRY] ?? 0
  const lagged = new Promise((resolve) => client.on('lagged', resolve))
  proxy.stall()
  // More than the sockets and the queue of the node take, and more than it holds of a channel.
  const COUNT = 150
  const watch = (await connectTo(t, node.url)).messages({ channel: ENTRY })
  await watch.ready
  for (let i = 0; i < COUNT; i += 10) {
    for (let j = 0; j < 10; j++) await sender.sidechannels.send(ENTRY, 'x'.repeat(200_000))
    await take(watch, 10)
  }
  proxy.flow()
  await lagged
  const end = last + COUNT
  let heard = 0
  while (last < end) {
    const [message] = await take(messages, 1)
    const gap = gaps.find(({ from }) => from === last + 1)
    const expected = (gap?.to ?? last) + 1
    if (message?.seq !== expected) {
      t.fail(`${message?.seq} after ${last}, gaps: ${JSON.stringify(gaps)}`)
      break
    }
    last = expected
    heard++
  }
  t.ok(heard > 20, `${heard} messages`)
  t.ok(gaps.length > 0 && gaps.every(({ reason }) => reason === 'lagged'), JSON.stringify(gaps))
  t.is(heard + gaps.reduce((sum, { from, to }) => sum + (to ?? 0) - from + 1, 0), COUNT)
})

test('a node that is started anew: what is missing is said, what is new is heard', async (t) => {
  const bootstrap = await startDht(t)
  const proxy = await TcpProxy.open(t)
  const sender = await openNode(t, bootstrap, FAST)
  const folder = temporaryFolder(t)
  const flags = [...FAST, ...proxy.flags, '--peer-store-name', 'again']
  const first = await openBridge(t, bootstrap, flags, folder)
  await neighbours(sender.sidechannels, ENTRY, 1)
  proxy.target = first.port
  const client = await connectTo(t, proxy.url, { reconnect: SOON })
  const gaps: Gap[] = []
  const messages = client.messages({ onGap: (gap) => gaps.push(gap) })
  const strict = client.messages({ channel: ENTRY })
  await Promise.all([messages.ready, strict.ready])
  const { epoch } = client
  await sender.sidechannels.send(ENTRY, 'one')
  await sender.sidechannels.send(ENTRY, 'two')
  t.alike(
    (await take(messages, 2)).map(({ seq }) => seq),
    [1, 2]
  )

  proxy.target = 0
  await first.bridge.close()
  await first.sidechannels.close()
  await first.node.close()
  await neighbours(sender.sidechannels, ENTRY, 0)
  const second = await openBridge(t, bootstrap, flags, folder)
  await Promise.all([sender, second].map(({ sidechannels }) => neighbours(sidechannels, ENTRY, 1)))
  await sender.sidechannels.send(ENTRY, 'three')
  const back = new Promise((resolve) => client.on('reconnected', resolve))
  proxy.target = second.port
  await back
  const [three] = await take(messages, 1)
  t.alike([three?.message, three?.seq], ['three', 1], 'also what came before the client was back')
  t.not(client.epoch, epoch)
  t.alike(gaps, [{ channel: ENTRY, from: 3, to: null, reason: 'restart' }])

  t.alike(await says(strict, 2), ['one', 'two'])
  t.is((await failure(t, strict.next())).code, 'gap', 'a loop that does not want to know ends')
  t.alike(await strict.next(), { done: true, value: undefined })
})

test('it does not go on for ever when told so, nor with a token that is good no more', async (t) => {
  const bootstrap = await startDht(t)
  const proxy = await TcpProxy.open(t)
  const node = await openBridge(t, bootstrap, [...FAST, ...proxy.flags])
  const other = await openBridge(t, bootstrap, [...FAST, ...proxy.flags, '--sc-bridge-token', 'f'.repeat(32)])
  proxy.target = node.port

  const once = await connect({ url: proxy.url, token: TOKEN, reconnect: false })
  const few = await connect({ url: proxy.url, token: TOKEN, reconnect: { ...SOON, attempts: 3 } })
  const loop = failure(t, once.messages().next())
  const ends = [once, few].map(
    (client) => new Promise<BridgeError | null>((resolve) => client.on('close', resolve))
  )
  let attempts = 0
  few.on('reconnecting', () => attempts++)
  await Promise.all([once.ping(), few.ping()])
  proxy.target = 0
  proxy.cut()
  for (const error of await Promise.all(ends)) t.ok(error)
  t.is(attempts, 3)
  t.is((await loop).code, 'closed')
  t.is((await failure(t, once.ping())).code, 'closed')

  proxy.target = node.port
  const client = await connect({ url: proxy.url, token: TOKEN, reconnect: SOON })
  const refused = failure(t, client.messages().next())
  const end = new Promise<BridgeError | null>((resolve) => client.on('close', resolve))
  await client.ping()
  proxy.target = other.port
  const before = proxy.connections
  proxy.cut()
  t.is((await end)?.code, 'unauthorized')
  t.is((await refused).code, 'unauthorized')
  t.is(proxy.connections, before + 1, 'one guess, no more')
  await Promise.all([once, few, client].map((each) => each.close()))
})

test('a filter for which the token is good no more ends it, with that error', async (t) => {
  const bootstrap = await startDht(t)
  const proxy = await TcpProxy.open(t)
  const shared = 'e'.repeat(32)
  const [reads, sends] = await Promise.all(
    ['read', 'send'].map((capability) => {
      const tokens = JSON.stringify({ [shared]: [capability] })
      return openBridge(t, bootstrap, [...FAST, ...proxy.flags, '--sc-bridge-tokens', tokens])
    })
  )
  proxy.target = reads?.port ?? 0
  const client = await connectTo(t, proxy.url, { token: shared, reconnect: { ...SOON, attempts: 5 } })
  await client.setFilter('word')
  const end = new Promise<BridgeError | null>((resolve) => client.on('close', resolve))
  let attempts = 0
  // Else a client that never gives up would keep the test from its end.
  client.on('reconnecting', () => {
    if (++attempts > 20) client.close()
  })
  const before = proxy.connections
  proxy.target = sends?.port ?? 0
  proxy.cut()
  const error = await end
  t.is(error?.code, 'forbidden')
  t.ok(error?.next)
  t.is(proxy.connections, before + 1)
})

test('the node closes', async (t) => {
  await t.execution(scope.close())
})
