import test from 'brittle'
import { flood, holdings, pendingOf } from './flood.ts'
import { connect, openOne, type RawClient } from './helpers.ts'

test('thousands of connections that never authenticate', { timeout: 55_000 }, async (t) => {
  const node = await openOne(t)
  const before = await connect(t, node)
  // What the first ones cost stays.
  await flood(node, 300, 150)
  const at = holdings()

  let over = false
  const flooded = flood(node, 2000, 500).finally(() => {
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
  while (!over) {
    t.is((await before.ask({ type: 'ping' })).type, 'pong')
    t.is((await inside?.ask({ type: 'ping' }))?.type, 'pong')
  }
  const { connections, upgraded, mostPending } = await flooded
  t.is(connections, 2000)
  t.ok(upgraded > 0, `${upgraded} were upgraded`)
  t.ok(mostPending <= 64, `at most ${mostPending} waited to authenticate`)

  t.is((await (await connect(t, node)).ask({ type: 'ping' })).type, 'pong', 'and after it, at once')
  t.ok(pendingOf(node) <= 64)
  const now = holdings()
  t.ok(now.rss - at.rss < 64 * 1024 * 1024, `${Math.round((now.rss - at.rss) / 1024)} KiB more`)
  if (now.handles !== null && at.handles !== null)
    t.ok(now.handles - at.handles < 20, `${now.handles - at.handles} more files and sockets`)
  const warnings = node.lines.filter((line) => line.includes('bridge:')).length
  t.ok(warnings < 10, `${warnings} lines in the log`)
})
