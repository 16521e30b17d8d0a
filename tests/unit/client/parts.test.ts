import test from 'brittle'
import fc from 'fast-check'
import { backoffMs } from '../../../src/client/backoff.ts'
import { Emitter } from '../../../src/client/emitter.ts'
import { BridgeError, refusalOf } from '../../../src/client/errors.ts'
import { type Frame, Requests } from '../../../src/client/requests.ts'
import { startOf } from '../../../src/client/start.ts'
import { calm, ModelClock } from './model.ts'

test('the backoff doubles up to its most, and leaves half of it to chance', (t) => {
  const at = (attempt: number, random: number) =>
    backoffMs(attempt, { minMs: 100, maxMs: 10_000, random: () => random })
  t.alike(
    [0, 1, 2, 6, 7, 50].map((attempt) => at(attempt, 0)),
    [50, 100, 200, 3200, 5000, 5000]
  )
  t.alike(
    [0, 1, 2, 6, 7, 50].map((attempt) => at(attempt, 1)),
    [100, 200, 400, 6400, 10_000, 10_000]
  )
  fc.assert(
    fc.property(fc.nat(1e9), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const ms = at(attempt, random)
      return ms >= 50 && ms <= 10_000
    })
  )
})

test('listeners are called in order, once added, until removed', (t) => {
  const emitter = new Emitter<{ news: (text: string) => void }>()
  const heard: string[] = []
  const first = (text: string) => heard.push(`first ${text}`)
  const second = (text: string) => {
    heard.push(`second ${text}`)
    emitter.off('news', second)
  }
  emitter.emit('news', '0')
  for (const listener of [first, second, first]) emitter.on('news', listener)
  emitter.emit('news', '1')
  emitter.emit('news', '2')
  emitter.off('news', first)
  emitter.emit('news', '3')
  t.alike(heard, ['first 1', 'second 1', 'first 2'])
})

test('requests wait for a connection, go out in order and once, and end when it does', async (t) => {
  const clock = new ModelClock()
  const requests = new Requests(clock)
  const ends: string[] = []
  const add = (type: string, send: ((text: string) => void) | null) =>
    requests.add(type, {}, 1000, send, {
      resolve: (reply: Frame) => ends.push(`${type}: ${reply.type}`),
      reject: ({ code }) => ends.push(`${type}: ${code}`)
    })
  const sent: string[] = []
  const send = (text: string) => sent.push(JSON.parse(text).type)
  add('a', null)
  add('b', null)
  t.alike(sent, [])
  requests.flush(send)
  add('c', send)
  requests.flush(send)
  t.alike(sent, ['a', 'b', 'c'])
  add('d', null)
  t.ok(requests.settle({ type: 'pong', id: 1 }))
  t.ok(requests.settle({ type: 'error', id: 2, error: 'No.', code: 'denied' }))
  t.absent(requests.settle({ type: 'pong', id: 1 }), 'not twice')
  for (const id of [99, undefined, null, 'x', {}]) t.absent(requests.settle({ type: 'pong', id }))
  requests.failSent('cut')
  t.alike(ends, ['a: pong', 'b: denied', 'c: closed'])
  t.is(requests.size, 1, 'what was not sent waits on')
  clock.pass(1000)
  t.is(ends[3], 'd: timeout')
  add('e', null)
  requests.failAll('closed')
  t.is(ends[4], 'e: closed')
  add('short', send)
  add('the-largest', send)
  add('shorter', send)
  requests.failSent('cut', new BridgeError('too_large', 'At most so many bytes.'))
  t.alike(ends.slice(5), ['short: closed', 'the-largest: too_large', 'shorter: closed'])
  t.is(clock.waiting, 0)
  await calm()
})

test('what names are wanted, and from where', (t) => {
  const start = startOf({ channel: ' a ', since: 3, epoch: 'x' })
  t.alike([...(start.channels ?? [])], ['a'])
  t.alike([start.since, start.epoch], [{ a: 3 }, 'x'])
  t.alike(startOf({}), { channels: null, since: null, epoch: null })
  t.alike([...(startOf({ channels: ['b', 'b ', 'c'] }).channels ?? [])], ['b', 'c'])
})

test('refusals have all that an error has, also those of nodes that say less', (t) => {
  const full = refusalOf(
    { type: 'error', error: 'No.', code: 'denied', detail: 'Why.', next: 'Then.' },
    'internal'
  )
  t.ok(full instanceof BridgeError && full instanceof Error)
  t.alike([full.message, full.code, full.detail, full.next], ['No.', 'denied', 'Why.', 'Then.'])
  const short = refusalOf({ type: 'error', error: 'Unauthorized.' }, 'unauthorized')
  t.alike([short.message, short.code, short.detail], ['Unauthorized.', 'unauthorized', null])
  t.is(typeof refusalOf({ error: 5, code: 5, next: {} }, 'denied').next, 'string')
})
