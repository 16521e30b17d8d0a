import test from 'brittle'
import { type Gap, GapError } from '#client'
import { BenchScope } from '../../../bench/helpers/scope.ts'
import { name } from '../../unit/sidechannel/helpers.ts'
import { abortable, connectTo, ENTRY, failure, openPair, says, take } from './helpers.ts'

const ROOM = name('room')
const HELD = 50
const scope = new BenchScope()
const READER = 'reader'.padEnd(32, '-')
const SENDER = 'sender'.padEnd(32, '-')
const tokens = { [READER]: { capabilities: ['read'], channels: [ROOM] }, [SENDER]: ['send'] }
const { node, sender } = await openPair(
  scope,
  ['--sidechannel-history', String(HELD), '--sc-bridge-tokens', JSON.stringify(tokens)],
  [ROOM]
)

/** What the node says it sends to the client. */
async function followed(client: Awaited<ReturnType<typeof connectTo>>): Promise<readonly string[]> {
  return (await client.request('subscribe')).channels
}

test('loops over one channel, over several, over all: each gets its own', async (t) => {
  const client = await connectTo(t, node.url)
  const entry = client.messages({ channel: ENTRY })
  const both = client.messages({ channels: [ENTRY, ROOM] })
  const all = client.messages()
  await Promise.all([entry.ready, both.ready, all.ready])
  t.is(client.epoch?.length, 32)
  await sender.sidechannels.send(ENTRY, 'one')
  await sender.sidechannels.send(ROOM, { two: 2 })
  await sender.sidechannels.send(ENTRY, 'three')
  const [first] = await take(entry, 1)
  t.alike(
    [first?.type, first?.channel, first?.from, first?.verified],
    ['sidechannel_message', ENTRY, sender.node.key, true]
  )
  t.alike(await says(entry, 1), ['three'])
  t.alike(await says(both, 3), ['one', { two: 2 }, 'three'])
  t.alike(await says(all, 3), ['one', { two: 2 }, 'three'])
})

test('leaving a loop ends its subscription, and the node sends no more than the others want', async (t) => {
  const client = await connectTo(t, node.url)
  const room = client.messages({ channel: ROOM })
  await room.ready
  t.alike(await followed(client), [ROOM])
  const entry = client.messages({ channel: ` ${ENTRY} ` })
  await entry.ready
  t.alike([...(await followed(client))].sort(), [ENTRY, ROOM])
  await sender.sidechannels.send(ENTRY, 'hello')
  for await (const { message } of entry) {
    t.is(message, 'hello')
    break
  }
  t.alike(await entry.next(), { done: true, value: undefined })
  t.alike(await followed(client), [ROOM])
  const all = client.messages()
  await all.ready
  t.alike(await followed(client), [], 'every channel')
  await all.return()
  t.alike(await followed(client), [ROOM])
})

test('what is sent after messages() was called is seen, without waiting', async (t) => {
  const [client, other] = [await connectTo(t, node.url), await connectTo(t, node.url)]
  const messages = client.messages({ channel: ROOM })
  // Handled after the subscription, since both go over one connection.
  await client.send(ROOM, 'mine')
  await sender.sidechannels.send(ROOM, 'yours')
  t.alike(await says(messages, 1), ['yours'], 'own messages are not heard')
  await other.close()
})

test('since: what came before, and word of what the node does not hold', async (t) => {
  const client = await connectTo(t, node.url)
  const live = client.messages({ channel: ROOM })
  await live.ready
  for (let i = 1; i <= 10; i++) await sender.sidechannels.send(ROOM, i)
  const seqs = (await take(live, 10)).map(({ seq }) => seq)
  const last = seqs[9] ?? 0
  const epoch = client.epoch ?? ''
  t.alike(
    seqs,
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((before) => last - before),
    'counted'
  )

  const later = await connectTo(t, node.url)
  const again = later.messages({ channel: ROOM, since: last - 3, epoch })
  t.alike(await says(again, 3), [8, 9, 10])
  await sender.sidechannels.send(ROOM, 'live')
  t.alike(await says(again, 1), ['live'], 'and goes on')
  const both = later.messages({ channels: [ENTRY, ROOM], since: { [ROOM]: last - 1 }, epoch })
  const heard = await take(both, 5)
  t.alike(
    heard.filter(({ channel }) => channel === ENTRY).map(({ message }) => message),
    ['one', 'three', 'hello'],
    'a channel without a number: from its first message'
  )
  t.alike(
    heard.filter(({ channel }) => channel === ROOM).map(({ message }) => message),
    [10, 'live']
  )

  for (let i = 0; i < HELD; i++) await sender.sidechannels.send(ROOM, i)
  // The node has them all by then.
  await take(live, HELD + 1)
  const gaps: Gap[] = []
  later.on('gap', (gap) => gaps.push(gap))
  const told: Gap[] = []
  const missing = later.messages({ channel: ROOM, since: last, epoch, onGap: (gap) => told.push(gap) })
  t.is((await take(missing, 1))[0]?.seq, last + 2)
  t.alike(told, [{ channel: ROOM, from: last + 1, to: last + 1, reason: 'history' }])
  t.alike(gaps, told)

  const thrown = (await failure(t, later.messages({ channel: ROOM, since: last, epoch }).next())) as GapError
  t.ok(thrown instanceof GapError)
  t.alike([thrown.code, thrown.gap], ['gap', told[0]], 'without onGap it cannot be overlooked')
  t.is(thrown.message, `Messages of "room" are missing: ${last + 1}.`)

  const old: Gap[] = []
  const restarted = later.messages({
    channel: ROOM,
    since: 3,
    epoch: 'another',
    onGap: (gap) => old.push(gap)
  })
  t.ok((await take(restarted, 1))[0])
  t.alike(old[0], { channel: ROOM, from: 4, to: null, reason: 'restart' })
})

test('a loop that is too slow gets what it missed later, and is told of what is gone', async (t) => {
  const client = await connectTo(t, node.url)
  const watch = client.messages({ channel: ROOM })
  const gaps: Gap[] = []
  const slow = client.messages({ channel: ROOM, maxBuffered: 5, onGap: (gap) => gaps.push(gap) })
  await slow.ready
  for (let i = 0; i < 40; i++) await sender.sidechannels.send(ROOM, i)
  await take(watch, 40)
  t.alike(
    await says(slow, 40),
    Array.from({ length: 40 }, (_, i) => i),
    'all were still there'
  )
  t.alike(gaps, [])

  for (let i = 0; i < HELD + 20; i++) await sender.sidechannels.send(ROOM, i)
  await take(watch, HELD + 20)
  t.alike(
    await says(slow, 5 + HELD),
    Array.from({ length: 5 + HELD }, (_, i) => (i < 5 ? i : i + 15))
  )
  t.is(gaps.length, 1)
  t.is(gaps[0]?.reason, 'lagged')
  t.is((gaps[0]?.to ?? 0) - (gaps[0]?.from ?? 0), 14)
})

test('an abort ends the loop with its reason', async (t) => {
  const client = await connectTo(t, node.url)
  const { signal, abort } = abortable(new Error('enough'))
  const messages = client.messages({ channel: ROOM, signal })
  await messages.ready
  const waiting = failure(t, messages.next())
  abort()
  t.is((await waiting).message, 'enough')
  t.alike(await messages.next(), { done: true, value: undefined })
  t.is((await failure(t, client.messages({ signal: { ...signal, aborted: true } }).next())).message, 'enough')
})

test('what cannot be asked for is refused', async (t) => {
  const client = await connectTo(t, node.url)
  for (const options of [
    { channel: 'a', channels: ['b'] },
    { channels: [] },
    { since: 3 },
    { channel: 'a', since: -1 },
    { since: { a: 1.5 } },
    { maxBuffered: 0 }
  ]) {
    t.exception(() => client.messages(options), /Invalid options/)
  }
  const bad = client.messages({ channel: 'a\u0000b' })
  const good = client.messages({ channel: ROOM })
  t.is((await failure(t, bad.next())).code, 'bad_request')
  await good.ready
  await sender.sidechannels.send(ROOM, 'still here')
  t.alike(await says(good, 1), ['still here'], 'a bad name harms nobody else')
})

test('with a token that may do less', async (t) => {
  const reader = await connectTo(t, node.url, { token: READER })
  const all = reader.messages()
  const other = reader.messages({ channel: ENTRY })
  t.is((await failure(t, reader.messages({ channels: [ENTRY, ROOM] }).next())).code, 'forbidden')
  await all.ready
  await sender.sidechannels.send(ENTRY, 'not for this one')
  await sender.sidechannels.send(ROOM, 'for this one')
  t.alike(await says(all, 1), ['for this one'])
  await all.return()
  t.is((await failure(t, other.next())).code, 'forbidden')

  const writer = await connectTo(t, node.url, { token: SENDER })
  t.is((await writer.send(ROOM, 'hello')).type, 'sent')
  t.is((await failure(t, writer.messages({ channel: ROOM }).next())).code, 'forbidden')
})

test('the node closes', async (t) => {
  await t.execution(scope.close())
})
