import test from 'brittle'
import type { RawWebSocket } from '../../helpers/raw-websocket.ts'
import { flood, holdings, MOST_PENDING, pendingOf } from './flood.ts'
import { connect, type Json, openOne, type RawClient, stranger } from './helpers.ts'

const COUNT = 10_000
const AT_A_TIME = 500
/** A connection that is not let go holds more than this; how far a heap grows before it is collected is less. */
const MOST_KEPT_EACH = 16 * 1024

test('ten thousand connections that never authenticate', { timeout: 120_000 }, async (t) => {
  const node = await openOne(t)
  const before = await connect(t, node)
  // What the first ones cost stays.
  await flood(node, 1500, AT_A_TIME)
  const at = holdings()

  let over = false
  const flooded = flood(node, COUNT, AT_A_TIME).finally(() => {
    over = true
  })
  // It may be thrown out before it has authenticated, as one of the many; then it tries again.
  let inside: RawClient | null = null
  let attempts = 0
  while (inside === null && !over) {
    attempts++
    inside = await connect(t, node).catch(() => null)
  }
  t.ok(inside !== null && !over, `somebody with the token gets in meanwhile, at attempt ${attempts}`)
  let pongs = 0
  while (!over) {
    for (const client of [before, inside]) if ((await client?.ask({ type: 'ping' }))?.type === 'pong') pongs++
  }
  t.ok(pongs > 0, `${pongs} answers to others meanwhile`)
  const { connections, upgraded, mostPending } = await flooded
  t.is(connections, COUNT)
  t.ok(upgraded > 0, `${upgraded} were upgraded`)
  t.ok(mostPending <= MOST_PENDING, `at most ${mostPending} waited to authenticate`)

  t.is((await (await connect(t, node)).ask({ type: 'ping' })).type, 'pong', 'and after it, at once')
  t.ok(pendingOf(node) <= MOST_PENDING)
  const now = holdings()
  t.ok(now.rss - at.rss < COUNT * MOST_KEPT_EACH, `${Math.round((now.rss - at.rss) / 1024)} KiB more`)
  if (now.handles !== null && at.handles !== null)
    t.ok(now.handles - at.handles < 20, `${now.handles - at.handles} more files and sockets`)
  const warnings = node.lines.filter((line) => / (warn|error) /.test(line)).length
  t.ok(warnings < 10, `${warnings} lines in the log`)
})

test('one more than may wait takes the place of another, which is told', async (t) => {
  const node = await openOne(t)
  const inside = await connect(t, node)
  const waiting = []
  for (let i = 0; i < MOST_PENDING; i++) waiting.push(await stranger(t, node.port))
  t.is(pendingOf(node), MOST_PENDING)
  const ask = async (socket: RawWebSocket) => {
    socket.sendJson({ type: 'ping' })
    const event = await socket.next()
    return event.kind === 'text' ? (JSON.parse(event.text) as Json).error : event
  }
  for (const socket of waiting) t.is(await ask(socket), 'Unauthorized.')
  const late = await connect(t, node)
  t.is(pendingOf(node), MOST_PENDING - 1)
  const told = (await Promise.all(waiting.map(ask))).filter((answer) => answer !== 'Unauthorized.')
  t.alike(told, [
    { kind: 'close', code: 1013, reason: 'Too many connections wait to authenticate: try again.' }
  ])
  for (const client of [inside, late]) t.is((await client.ask({ type: 'ping' })).type, 'pong')
})
