import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import { History } from '../../../features/sc-bridge/history.ts'

function frameOf(bytes: number) {
  return () => b4a.alloc(bytes)
}

test('messages of a channel are numbered from 1, each channel for itself', (t) => {
  const history = new History(10)
  t.is(history.last('a'), 0)
  t.is(history.first('a'), 1)
  t.is(history.add('a', frameOf(1)).seq, 1)
  t.is(history.add('b', frameOf(1)).seq, 1)
  t.is(history.add('a', frameOf(1)).seq, 2)
  t.is(history.last('a'), 2)
  t.alike(history.channels(), ['a', 'b'])
})

test('the number is known when the message is encoded', (t) => {
  const history = new History(10)
  history.add('a', frameOf(1))
  const { frame } = history.add('a', (seq) => b4a.from(`number ${seq}`))
  t.is(b4a.toString(frame), 'number 2')
  t.is(history.from('a', 2)?.frame, frame)
})

test('the oldest go first, by number and by bytes', (t) => {
  const few = new History(2)
  for (let i = 0; i < 5; i++) few.add('a', frameOf(1))
  t.is(few.first('a'), 4)
  t.is(few.from('a', 1)?.seq, 4, 'asked for what is gone: the oldest that is held')
  t.is(few.from('a', 5)?.seq, 5)
  t.is(few.from('a', 6), null)
  t.is(few.messages, 2)
})

test('over the limit for all, the channel that holds most gives', (t) => {
  const history = new History(100, 100)
  for (let i = 0; i < 9; i++) history.add('loud', frameOf(10))
  history.add('quiet', frameOf(10))
  history.add('quiet', frameOf(10))
  t.is(history.first('quiet'), 1, 'nothing of the quiet one is gone')
  t.ok(history.first('loud') > 1)
  t.ok(history.bytes <= 100)
})

test('what is too large is numbered, and not held', (t) => {
  const history = new History(100, 100)
  history.add('a', frameOf(10))
  history.add('a', frameOf(101))
  t.is(history.first('a'), 3)
  history.add('a', frameOf(10))
  t.is(history.from('a', 1)?.seq, 3)
})

test('with a history of none, messages are still numbered', (t) => {
  const history = new History(0)
  t.is(history.add('a', frameOf(1)).seq, 1)
  t.is(history.add('a', frameOf(1)).seq, 2)
  t.is(history.from('a', 1), null)
  t.is(history.bytes, 0)
})

test('a channel that is forgotten keeps its number', (t) => {
  const history = new History(10)
  history.add('a', frameOf(7))
  history.forget('a')
  t.is(history.bytes, 0)
  t.is(history.add('a', frameOf(1)).seq, 2)
})

test('whatever comes, limits hold and what is held is without gaps', (t) => {
  const step = fc.record({ channel: fc.constantFrom('a', 'b', 'c'), bytes: fc.integer({ min: 0, max: 60 }) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 5 }), (steps, most) => {
      const history = new History(most, 100)
      const counts: Record<string, number> = {}
      for (const { channel, bytes } of steps) {
        counts[channel] = (counts[channel] ?? 0) + 1
        if (history.add(channel, frameOf(bytes)).seq !== counts[channel]) return false
        if (history.bytes > 100) return false
      }
      return Object.entries(counts).every(([channel, count]) => {
        for (let seq = history.first(channel); seq <= count; seq++) {
          if (history.from(channel, seq)?.seq !== seq) return false
        }
        return history.from(channel, count + 1) === null && count - history.first(channel) + 1 <= most
      })
    })
  )
  t.pass()
})
