import b4a from 'b4a'
import test from 'brittle'
import fc from 'fast-check'
import { Feed } from '../../../features/sc-bridge/feed.ts'
import { History } from '../../../features/sc-bridge/history.ts'
import { FEED_LIMITS } from '../../../src/bridge/limits.ts'

/** A feed whose frames are texts: `a1` is the first message of channel a. */
function createFeed(options: { history?: number; wants?: (channel: string, text: string) => boolean } = {}) {
  const history = new History(options.history ?? 1000)
  const feed = new Feed({
    history,
    wants: (channel, frame) => options.wants?.(channel, b4a.toString(frame)) ?? true,
    lagged: (dropped, channels) => b4a.from(`lagged ${dropped} ${JSON.stringify(channels)}`)
  })
  const publish = (channel: string, padding = 0) => {
    const kept = history.add(channel, (seq) => b4a.from(`${channel}${seq}${' '.repeat(padding)}`))
    feed.event({ channel, ...kept })
  }
  const take = (held = false) => {
    const frame = feed.next({ bytes: 1024 * 1024 * 1024 }, held)
    return frame === null ? null : b4a.toString(frame).trim()
  }
  const takeAll = () => {
    const all = []
    for (let text = take(); text !== null; text = take()) all.push(text)
    return all
  }
  return { feed, history, publish, take, takeAll }
}

test('replies go before events, each in its order', (t) => {
  const { feed, publish, takeAll } = createFeed()
  publish('a')
  feed.reply(b4a.from('first'))
  publish('b')
  feed.reply(b4a.from('second'))
  t.alike(takeAll(), ['first', 'second', 'a1', 'b1'])
  t.is(feed.isEmpty, true)
  t.is(feed.replyBytes, 0)
})

test('what is held back are events only', (t) => {
  const { feed, publish, take } = createFeed()
  publish('a')
  feed.reply(b4a.from('reply'))
  t.is(take(true), 'reply')
  t.is(take(true), null)
  t.is(take(), 'a1')
})

test('past the limit the oldest events go, and the client is told which', (t) => {
  const { feed, publish, take } = createFeed()
  const size = FEED_LIMITS.maxBytes / 4
  for (let i = 0; i < 6; i++) publish('a', size)
  publish('b')
  feed.reply(b4a.from('reply'))
  t.is(take(), 'reply', 'a reply is never dropped')
  t.is(take(), 'lagged 3 {"a":{"from":1,"to":3}}')
  t.alike([take(), take(), take(), take()], ['a4', 'a5', 'a6', 'b1'])
  t.is(take(), null)
})

test('a client that comes back gets what it missed, then what is new', (t) => {
  const { feed, publish, take, takeAll } = createFeed()
  for (let i = 0; i < 4; i++) publish('a')
  takeAll()
  feed.resume('a', 3)
  t.is(take(), 'a3')
  publish('a')
  publish('b')
  t.alike(takeAll(), ['b1', 'a4', 'a5'], 'no message twice, none out of order within its channel')
  publish('a')
  t.alike(takeAll(), ['a6'], 'it has caught up')
})

test('what waits of a channel is not sent again when it is resumed', (t) => {
  const { feed, publish, takeAll } = createFeed()
  for (let i = 0; i < 3; i++) publish('a')
  publish('b')
  feed.resume('a', 1)
  t.alike(takeAll(), ['b1', 'a1', 'a2', 'a3'])
})

test('what leaves the history while the client catches up is reported', (t) => {
  const { feed, publish, take, takeAll } = createFeed({ history: 3 })
  for (let i = 0; i < 3; i++) publish('a')
  takeAll()
  feed.resume('a', 1)
  t.is(take(), 'a1')
  for (let i = 0; i < 4; i++) publish('a')
  t.alike(takeAll(), ['lagged 3 {"a":{"from":2,"to":4}}', 'a5', 'a6', 'a7'])
})

test('without a history a resumed channel reports what it could not keep', (t) => {
  const { feed, publish, takeAll } = createFeed({ history: 0 })
  feed.resume('a', 1)
  publish('a')
  publish('a')
  t.alike(takeAll(), ['lagged 2 {"a":{"from":1,"to":2}}'])
})

test('so much of the history is looked at in one turn, and no more', (t) => {
  const { feed, publish } = createFeed({ wants: (_, text) => text.trim() === 'a9' })
  for (let i = 0; i < 9; i++) publish('a', 98)
  while (feed.next({ bytes: 1 }) !== null);
  feed.resume('a', 1)
  const turns: string[] = []
  for (let turn = 0; turn < 20; turn++) {
    const look = { bytes: 250 }
    const frame = feed.next(look)
    turns.push(frame === null ? (look.bytes > 0 ? 'done' : 'later') : b4a.toString(frame).trim())
    if (turns.at(-1) === 'done') break
  }
  t.alike(turns, ['later', 'later', 'a9', 'done'])
})

test('what the client does not want is left out of a replay', (t) => {
  const { feed, publish, takeAll } = createFeed({ wants: (_, text) => text.trim() !== 'a2' })
  for (let i = 0; i < 3; i++) publish('a')
  takeAll()
  feed.resume('a', 1)
  t.alike(takeAll(), ['a1', 'a3'])
})

test('whatever happens, each message is sent once and in order, or reported as lost', (t) => {
  const step = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom('a', 'b').map((channel) => ({ do: 'publish' as const, channel }))
    },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }).map((count) => ({ do: 'take' as const, count })) },
    { weight: 1, arbitrary: fc.constantFrom('a', 'b').map((channel) => ({ do: 'resume' as const, channel })) }
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 0, max: 6 }), (steps, most) => {
      const { feed, history, publish, take } = createFeed({ history: most })
      const seen: Record<string, number> = { a: 0, b: 0 }
      let fine = true
      const look = () => {
        const text = take()
        if (text === null) return false
        const lagged = /^lagged \d+ (.*)$/.exec(text)
        if (lagged?.[1] !== undefined) {
          const ranges = JSON.parse(lagged[1]) as Record<string, { from: number; to: number }>
          for (const [channel, { from, to }] of Object.entries(ranges)) {
            fine &&= from === (seen[channel] ?? 0) + 1
            seen[channel] = to
          }
        } else {
          const channel = text[0] as string
          fine &&= Number(text.slice(1)) === (seen[channel] ?? 0) + 1
          seen[channel] = Number(text.slice(1))
        }
        return true
      }
      for (const one of steps) {
        if (one.do === 'publish') publish(one.channel)
        else if (one.do === 'take') for (let i = 0; i < one.count; i++) look()
        else feed.resume(one.channel, (seen[one.channel] ?? 0) + 1)
      }
      while (look());
      return fine && seen.a === history.last('a') && seen.b === history.last('b')
    })
  )
  t.pass()
})
