import test from 'brittle'
import { neighbours } from '../../helpers/heard.ts'
import { openNode } from '../../helpers/node.ts'
import { startDht } from '../../helpers/swarm.ts'
import { ask, connect, ENTRY, isMessage, type Json, OPEN, openApart, openNodes } from './helpers.ts'

const SIGNATURE = /^[0-9a-f]{128}$/

test('a message of another peer, with all its fields', async (t) => {
  const [node, other] = await openNodes(t, 2)
  if (node === undefined || other === undefined) return
  const { key } = other.node
  const [client, sender] = [await connect(t, node), await connect(t, other)]
  const values = [
    'hello from agent',
    '',
    ' ünï 你好 \ud83d\ude80 \u0000\u001b[2J\u2028 "\\',
    0,
    -1.5e-7,
    true,
    false,
    null,
    [],
    {},
    [1, [2, [{ three: null }]]],
    { type: 'auth', id: 1, control: 'mine', message: { message: 'x' } },
    JSON.parse('{"__proto__":{"a":1},"constructor":2,"toString":3}')
  ]
  for (const [index, message] of values.entries()) {
    const before = Date.now()
    const { messageId, ...sent } = await ask(sender, { type: 'send', channel: ENTRY, message })
    t.alike(sent, { type: 'sent', channel: ENTRY, neighbours: 1, queued: 0, joined: false })
    const { ts, sig, ...event } = await client.next()
    t.alike(event, {
      type: 'sidechannel_message',
      channel: ENTRY,
      seq: index + 1,
      id: messageId,
      from: key,
      origin: key,
      relayedBy: null,
      ttl: 3,
      message,
      verified: true
    })
    t.ok(Number(ts) >= before && Number(ts) <= Date.now())
    t.ok(SIGNATURE.test(String(sig)))
    t.is(JSON.stringify(event.message), JSON.stringify(message))
  }
})

test('a relayed message names its author and its relay', async (t) => {
  const bootstrap = await startDht(t)
  const relay = await openNode(t, bootstrap, OPEN)
  const toRelay = (key: string) => key === relay.node.key
  const author = await openApart(t, bootstrap, toRelay)
  const reader = await openApart(t, bootstrap, toRelay)
  await neighbours(relay.sidechannels, ENTRY, 2)
  for (const { sidechannels } of [author, reader]) await neighbours(sidechannels, ENTRY, 1)
  const [client, sender] = [await connect(t, reader), await connect(t, author)]
  const { messageId, neighbours: direct } = await ask(sender, {
    ...{ type: 'send', channel: ENTRY, message: 'by way of another' }
  })
  t.is(direct, 1)
  const { ts, sig, ...event } = await client.nextMessage()
  t.alike(event as Json, {
    type: 'sidechannel_message',
    channel: ENTRY,
    seq: 1,
    id: messageId,
    from: author.node.key,
    origin: author.node.key,
    relayedBy: relay.node.key,
    ttl: 2,
    message: 'by way of another',
    verified: true
  })
  t.ok(SIGNATURE.test(String(sig)) && Number(ts) > 0)
})

test('what a node sends itself is told to none of its clients', async (t) => {
  const [node, other] = await openNodes(t, 2)
  if (node === undefined || other === undefined) return
  const [mine, beside, theirs] = [await connect(t, node), await connect(t, node), await connect(t, other)]
  await ask(mine, { type: 'send', channel: ENTRY, message: 'mine' })
  await node.sidechannels.send(ENTRY, "the terminal's")
  t.is((await theirs.nextMessage()).message, 'mine')
  t.is((await theirs.nextMessage()).message, "the terminal's")
  await ask(theirs, { type: 'send', channel: ENTRY, message: 'theirs' })
  for (const client of [mine, beside]) {
    const event = await client.next()
    t.alike([event.type, event.message, event.seq], ['sidechannel_message', 'theirs', 1])
  }
})

test('every client gets every event, and a request out of turn nobody elses reply', async (t) => {
  const [node, other] = await openNodes(t, 2)
  if (node === undefined || other === undefined) return
  const clients = await Promise.all(Array.from({ length: 20 }, () => connect(t, node)))
  const sender = await connect(t, other)
  for (let i = 0; i < 50; i++) {
    sender.socket.sendJson({ type: 'send', channel: ENTRY, message: i })
    clients[i % 20]?.socket.sendJson({ type: 'ping', id: i })
  }
  const all = await Promise.all(
    clients.map(async (client, index) => {
      const events: Json[] = []
      const pongs: unknown[] = []
      const mine = Array.from({ length: 50 }, (_, i) => i).filter((i) => i % 20 === index)
      while (events.length < 50 || pongs.length < mine.length) {
        const event = await client.next()
        if (isMessage(event)) events.push(event)
        else pongs.push(event.id)
      }
      t.alike(pongs, mine, `the replies of client ${index}`)
      return events
    })
  )
  t.alike(
    all[0]?.map(({ seq, message }) => [seq, message]),
    Array.from({ length: 50 }, (_, i) => [i + 1, i])
  )
  t.is(new Set(all.map((events) => JSON.stringify(events))).size, 1, 'the same to each')
})
