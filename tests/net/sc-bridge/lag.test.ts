import test, { type Assertions } from 'brittle'
import { FEED_LIMITS } from '../../../src/bridge/limits.ts'
import { type OpenedBridge, openBridge } from '../../helpers/bridge.ts'
import { isMessage, RawClient } from '../../helpers/bridge-client.ts'
import { neighbours } from '../../helpers/heard.ts'
import { type OpenedNode, openNode } from '../../helpers/node.ts'
import { startDht } from '../../helpers/swarm.ts'
import { name } from '../../unit/sidechannel/helpers.ts'

const ENTRY = name('0000intercom')
const FAST = ['--sidechannel-pow', '0', '--sidechannel-rate-bytes', '0']

async function openPair(
  t: Assertions,
  flags: readonly string[] = []
): Promise<{ sender: OpenedNode; node: OpenedBridge }> {
  const bootstrap = await startDht(t)
  const sender = await openNode(t, bootstrap, FAST)
  const node = await openBridge(t, bootstrap, [...FAST, ...flags])
  await Promise.all([sender, node].map(({ sidechannels }) => neighbours(sidechannels, ENTRY, 1)))
  return { sender, node }
}

test('a client that never reads is told what it lost, and nobody else is affected', {
  timeout: 55_000
}, async (t) => {
  // Far more than the queue of a client and the buffers of the system take.
  const count = 700
  const bytes = 60_000
  const { sender, node } = await openPair(t)
  const slow = await RawClient.connect(t, node.port)
  const good = await RawClient.connect(t, node.port)
  slow.socket.stream.hold()

  for (let first = 0; first < count; first += 10) {
    const numbers = Array.from({ length: 10 }, (_, i) => first + i)
    const texts = numbers.map((i) => `${i} `.padEnd(bytes, '.'))
    await Promise.all(texts.map((text) => sender.sidechannels.send(ENTRY, text)))
    for (const i of numbers) {
      const { seq, message } = await good.nextMessage()
      if (seq !== i + 1 || !String(message).startsWith(`${i} `)) t.fail(`expected ${i + 1}, got ${seq}`)
    }
  }
  t.pass('the other client got every message')
  t.ok(node.bridge.waitingBytes <= FEED_LIMITS.maxBytes, `${node.bridge.waitingBytes} bytes wait for it`)

  const asked = slow.ask({ type: 'ping' })
  slow.socket.stream.release()
  t.is((await asked).type, 'pong', 'a reply is not dropped')
  let seq = 0
  let dropped = 0
  while (seq < count) {
    const event = await slow.next()
    if (isMessage(event)) {
      if (event.seq !== seq + 1) t.fail(`after ${seq} came ${event.seq}, without a word`)
      seq = event.seq
    } else if (event.type === 'lagged') {
      const range = (event.channels as Record<string, { from: number; to: number }>)[ENTRY]
      t.is(range?.from, seq + 1, 'what is lost is named')
      t.is(event.dropped, (range?.to ?? 0) - seq, 'and counted')
      dropped += Number(event.dropped)
      seq = range?.to ?? count
    }
  }
  t.ok(dropped > 0, `${dropped} of ${count} dropped`)
  t.is(seq, count, 'each message came, or was reported')

  // What the node still holds can be had again.
  const { from, lost } = await slow.ask({ type: 'subscribe', channel: ENTRY, since: 0 })
  t.ok(Number(lost) > 0 && from === Number(lost) + 1)
  for (let next = Number(from); next <= count; next++) {
    const event = await slow.nextMessage()
    if (event.seq !== next) t.fail(`replay: expected ${next}, got ${event.seq}`)
  }
  t.pass(`${count - Number(from) + 1} were replayed`)
})

test('a client that asks and never reads is not read on', { timeout: 120_000 }, async (t) => {
  const { node } = await openPair(t, ['--sc-bridge-cli', '1'])
  const client = await RawClient.connect(t, node.port)
  const other = await RawClient.connect(t, node.port)
  client.socket.stream.hold()
  // Each answer is far longer than the question.
  const questions = 4000
  for (let i = 0; i < questions; i++) client.socket.sendJson({ id: i, type: 'cli', command: '/help' })
  for (let i = 0; i < 50; i++) if ((await other.ask({ type: 'ping' })).type !== 'pong') t.fail('no answer')
  t.pass('another client is answered')
  t.ok(node.bridge.waitingBytes < 4 * 1024 * 1024, `${node.bridge.waitingBytes} bytes wait for it`)
  client.socket.stream.release()
  for (let i = 0; i < questions; i++) {
    const { id } = await client.next()
    if (id !== i) t.fail(`expected the answer ${i}, got ${id}`)
  }
  t.pass('and then every answer comes, in order')
})
