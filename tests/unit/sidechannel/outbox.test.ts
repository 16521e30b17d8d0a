import test, { type Assertions } from 'brittle'
import { OUTBOX_LIMITS, Outbox, type Priority } from '../../../features/sidechannel/outbox.ts'
import { fakeSession } from './sessions.ts'

const T0 = 1_750_000_000_000

/** A neighbour that takes nothing until it is told to, and a clock that stands still until it is moved. */
function setUp(t: Assertions, { rate = 0, burst = 1 } = {}) {
  const session = fakeSession('a'.repeat(64))
  const clock = { now: T0 }
  const outbox = new Outbox({ rate, burst, now: () => clock.now })
  t.teardown(() => outbox.close())
  const push = (priority: Priority, bytes: number[], mayGo = () => true, onlost?: () => void) =>
    outbox.push({ session, frame: Uint8Array.from(bytes), mayGo, onlost }, priority)
  const drain = () => {
    session.drained = true
    outbox.handleDrain()
  }
  return { session, clock, outbox, push, drain }
}

test('controls go first, what is our own next, what is relayed last', (t) => {
  const { session, push, drain } = setUp(t)
  session.drained = false
  const order: [Priority, number][] = [
    ['relayed', 6],
    ['own', 4],
    ['first', 1],
    ['relayed', 7],
    ['own', 5],
    ['first', 2]
  ]
  for (const [priority, byte] of order) t.is(push(priority, [byte]), 'queued')
  drain()
  t.alike(
    session.sent.map(([byte]) => byte),
    [1, 2, 4, 5, 6, 7]
  )
})

test('what is relayed takes half of the room at most, by number', (t) => {
  const { session, push, outbox } = setUp(t)
  session.drained = false
  const half = OUTBOX_LIMITS.messages / 2
  for (let n = 0; n < half; n++) if (push('relayed', [1]) !== 'queued') t.fail(`full at ${n}`)
  t.is(push('relayed', [1]), 'full')
  for (let n = 0; n < half; n++) if (push('own', [1]) !== 'queued') t.fail(`own full at ${n}`)
  t.is(push('own', [1]), 'full')
  t.is(push('first', [1]), 'queued', 'controls have room of their own')
  t.is(outbox.waiting.messages, OUTBOX_LIMITS.messages + 1)
})

test('what is relayed takes half of the room at most, by size', (t) => {
  const { session, outbox } = setUp(t)
  session.drained = false
  const frame = new Uint8Array(OUTBOX_LIMITS.bytes / 8)
  const mayGo = () => true
  const push = (priority: Priority) => outbox.push({ session, frame, mayGo }, priority)
  t.alike(
    Array.from({ length: 5 }, () => push('relayed')),
    ['queued', 'queued', 'queued', 'queued', 'full']
  )
  t.alike(
    Array.from({ length: 5 }, () => push('own')),
    ['queued', 'queued', 'queued', 'queued', 'full']
  )
  t.is(outbox.waiting.bytes, OUTBOX_LIMITS.bytes)
})

test('what may not go any more is lost, waiting or not, and says so', (t) => {
  const { session, clock, push, drain } = setUp(t)
  const expiresAt = T0 + 1000
  const mayGo = () => clock.now < expiresAt
  const lost: string[] = []
  session.drained = false
  t.is(
    push('first', [1], mayGo, () => lost.push('control')),
    'queued'
  )
  t.is(
    push('own', [2], mayGo, () => lost.push('payload')),
    'queued'
  )
  t.is(push('own', [3]), 'queued')
  clock.now = expiresAt
  drain()
  t.alike(
    session.sent.map(([byte]) => byte),
    [3]
  )
  t.is(
    push('first', [4], mayGo, () => lost.push('late')),
    'gone'
  )
  t.alike(lost, ['control', 'payload', 'late'])
})

test('a small control does not wait for the budget of what is large', (t) => {
  const { session, clock, push, outbox } = setUp(t, { rate: 10, burst: 100 })
  t.is(push('own', Array(60).fill(1)), 'sent')
  t.is(push('own', Array(90).fill(2)), 'queued')
  t.is(push('own', [3]), 'queued', 'not ahead of its kind')
  t.is(push('first', Array(10).fill(4)), 'sent')
  clock.now += 10_000
  outbox.handleDrain()
  t.alike(
    session.sent.map(([byte]) => byte),
    [1, 4, 2, 3]
  )
})
