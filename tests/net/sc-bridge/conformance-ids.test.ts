import b4a from 'b4a'
import test from 'brittle'
import { clientFrame } from '../../helpers/raw-websocket.ts'
import { connect, ENTRY, type Json, OPEN, openOne } from './helpers.ts'

/** A request of every kind, and the type of its reply. */
const KINDS: readonly (readonly [request: Json, reply: string])[] = [
  [{ type: 'send', channel: ENTRY, message: { n: 1 } }, 'sent'],
  [{ type: 'ping' }, 'pong'],
  [{ type: 'cli', command: '/sc_stats' }, 'cli_result'],
  [{ type: 'open', channel: 'plaza' }, 'open_requested'],
  [{ type: 'info' }, 'info'],
  [{ type: 'join', channel: 'lobby' }, 'joined'],
  [{ type: 'send', message: 'nowhere' }, 'error'],
  [{ type: 'stats' }, 'stats'],
  [{ type: 'nope' }, 'error'],
  [{ type: 'health' }, 'health'],
  [{ type: 'cli', command: '/nope' }, 'cli_result'],
  [{ type: 'peers' }, 'peers'],
  [{ type: 'pending' }, 'pending'],
  [{ type: 'subscribe' }, 'subscribed'],
  [{ type: 'clear_filter' }, 'filter_set'],
  [{ type: 'leave', channel: 'lobby' }, 'left'],
  [{ type: 'accept', channel: 'plaza' }, 'error'],
  [{ type: 'set_filter', filter: 'x' }, 'filter_set']
]

const COUNT = 200

function burst(): Uint8Array {
  const frames = Array.from({ length: COUNT }, (_, id) => {
    const [request] = KINDS[id % KINDS.length] ?? [{}]
    return clientFrame({ payload: JSON.stringify({ ...request, id }) })
  })
  return b4a.concat(frames)
}

const expected = Array.from({ length: COUNT }, (_, id) => [id, KINDS[id % KINDS.length]?.[1]])

test('200 requests in flight out of one chunk: each gets its own reply, once', async (t) => {
  const client = await connect(t, await openOne(t, [...OPEN, '--sc-bridge-cli', '1']))
  client.socket.sendRaw(burst())
  const replies: Json[] = []
  while (replies.length < COUNT) replies.push(await client.next())
  const byId = [...replies].sort((a, b) => Number(a.id) - Number(b.id))
  t.alike(
    byId.map(({ id, type }) => [id, type]),
    expected
  )
  const at = (type: string) => replies.filter((reply) => reply.type === type).map(({ id }) => id)
  for (const type of ['pong', 'cli_result', 'sent', 'open_requested'])
    t.alike(
      at(type),
      at(type).sort((a, b) => Number(a) - Number(b)),
      `${type}: in the order of the requests`
    )
  client.socket.sendJson({ type: 'ping' })
  t.alike(Object.keys(await client.next()), ['type', 'ts'], 'and nothing more')
})

test('the same requests in pieces that end anywhere', async (t) => {
  const client = await connect(t, await openOne(t, [...OPEN, '--sc-bridge-cli', '1']))
  const bytes = burst()
  let size = 1
  for (let at = 0; at < bytes.byteLength; at += size) {
    size = (size * 7 + 3) % 61 || 1
    client.socket.sendRaw(bytes.subarray(at, at + size))
    // So that they are pieces for the other side too.
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  const replies: Json[] = []
  while (replies.length < COUNT) replies.push(await client.next())
  t.alike(
    replies.sort((a, b) => Number(a.id) - Number(b.id)).map(({ id, type }) => [id, type]),
    expected
  )
})

test('only an integer is an id', async (t) => {
  const client = await connect(t, await openOne(t))
  const kinds: [request: object, type: string][] = [
    [{ type: 'stats' }, 'stats'],
    [{ type: 'send', channel: ENTRY, message: 1 }, 'sent'],
    [{ type: 'nope' }, 'error'],
    [{ type: 'join' }, 'error']
  ]
  for (const [request, type] of kinds) {
    for (const id of [0, 1, -1, 2 ** 31, -(2 ** 53) + 1, 2 ** 53 - 1, 1e3]) {
      client.socket.sendJson({ ...request, id })
      const reply = await client.next()
      t.alike([reply.type, reply.id], [type, id])
    }
    for (const id of ['1', '', 1.5, null, true, [], [1], {}, 1e300]) {
      client.socket.sendJson({ ...request, id })
      const reply = await client.next()
      t.is(reply.type, type)
      t.absent('id' in reply, JSON.stringify(id))
    }
  }
})
