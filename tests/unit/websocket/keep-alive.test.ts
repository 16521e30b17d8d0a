import b4a from 'b4a'
import test from 'brittle'
import { textFrame } from '../../../src/websocket/frames.ts'
import { KeepAlive } from '../../../src/websocket/keep-alive.ts'
import { Heard } from '../../helpers/heard.ts'
import { openServer } from './helpers.ts'

const SHORT = { idle: 20, answer: 20 }

function listen(excuses: number) {
  const steps = new Heard<string>()
  let left = excuses
  const keepAlive = new KeepAlive(SHORT, {
    ask: () => steps.add('ask'),
    isExcused: () => {
      steps.add(left > 0 ? 'excused' : 'blamed')
      return left-- > 0
    },
    onsilent: () => steps.add('silent')
  })
  return { steps, keepAlive }
}

test('who says nothing is asked once, excused as often as he may be, then given up', async (t) => {
  const { steps } = listen(2)
  await steps.until((all) => all.includes('silent'))
  t.alike(steps.all, ['ask', 'excused', 'excused', 'blamed', 'silent'])
})

test('a word at any time begins anew', async (t) => {
  const { steps, keepAlive } = listen(0)
  keepAlive.heard()
  await steps.count(1)
  keepAlive.heard()
  await steps.count(2)
  keepAlive.heard()
  await steps.until((all) => all.includes('silent'))
  t.alike(steps.all, ['ask', 'ask', 'ask', 'blamed', 'silent'])
  keepAlive.heard()
  keepAlive.stop()
})

test('nothing happens once it is stopped', async (t) => {
  const stopped = listen(0)
  stopped.keepAlive.stop()
  stopped.keepAlive.heard()
  const { steps } = listen(0)
  await steps.until((all) => all.includes('silent'))
  t.alike(stopped.steps.all, [])
})

test('a client that answers stays, one that does not is gone', async (t) => {
  const { client } = await openServer(t, { patience: SHORT })
  const [socket, { closes }] = await client()
  for (let i = 0; i < 3; i++) {
    t.alike(await socket.next(), { kind: 'ping', payload: b4a.alloc(0) })
    socket.sendFrame({ opcode: 10 })
  }
  t.alike(await socket.next(), { kind: 'ping', payload: b4a.alloc(0) })
  t.alike(await socket.next(), { kind: 'gone' })
  await closes.count(1)
  t.alike(closes.all, [1006])
})

test('nobody is asked after the close frame', async (t) => {
  const { client } = await openServer(t, { patience: SHORT, goodbye: 200 })
  const [socket, { connection }] = await client()
  connection.close(1001)
  t.alike(await socket.next(), { kind: 'close', code: 1001, reason: '' })
  t.alike(await socket.next(), { kind: 'gone' })
})

test('what the server sends is no sign of life', async (t) => {
  const { client } = await openServer(t, { patience: SHORT })
  const [, { connection, closes }] = await client()
  const timer = setInterval(() => connection.send(textFrame('news')), 5)
  t.teardown(() => clearInterval(timer))
  await closes.count(1)
  t.alike(closes.all, [1006])
})

test('a client that is not read is not blamed, until it is read again', async (t) => {
  const { client } = await openServer(t, { patience: SHORT })
  const [, paused] = await client()
  paused.connection.pause()
  for (let i = 0; i < 3; i++) {
    const [, { closes }] = await client()
    await closes.count(1)
  }
  t.ok(paused.connection.isOpen, 'three others came later and were given up')
  paused.connection.resume()
  await paused.closes.count(1)
  t.alike(paused.closes.all, [1006])
})

test('a client that neither reads nor is read is given up', async (t) => {
  const { client } = await openServer(t, { patience: SHORT })
  const [socket, { connection, closes }] = await client()
  socket.stream.hold()
  connection.pause()
  const frame = textFrame('x'.repeat(64 * 1024))
  for (let i = 0; i < 512; i++) connection.send(frame)
  await closes.count(1)
  t.alike(closes.all, [1006])
})
