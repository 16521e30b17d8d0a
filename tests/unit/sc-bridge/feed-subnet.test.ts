import b4a from 'b4a'
import test from 'brittle'
import { Feed } from '../../../features/sc-bridge/feed.ts'
import { History } from '../../../features/sc-bridge/history.ts'
import { FEED_LIMITS, STATE_LIMITS } from '../../../src/bridge/limits.ts'

function createFeed() {
  const history = new History(10)
  const feed = new Feed({
    history,
    wants: () => true,
    lagged: (dropped, channels, subnet) => b4a.from(JSON.stringify({ dropped, channels, ...subnet }))
  })
  const say = (channel: string, padding = 0) => {
    const kept = history.add(channel, (seq) => b4a.from(`${channel}${seq}${' '.repeat(padding)}`))
    feed.event({ channel, ...kept })
  }
  const chat = (n: number, padding = 0) =>
    feed.event({ channel: null, seq: 0, chat: n, frame: b4a.from(`#${n}${' '.repeat(padding)}`) })
  const change = (key: string, value: number) => feed.change(key, b4a.from(`${key}=${value}`))
  const take = () => {
    const frame = feed.next({ bytes: 1024 * 1024 })
    return frame === null ? null : b4a.toString(frame).trim()
  }
  const takeAll = () => {
    const all = []
    for (let text = take(); text !== null; text = take()) all.push(text)
    return all
  }
  return { feed, say, chat, change, take, takeAll }
}

test('changes and other events take turns, behind replies', (t) => {
  const { feed, say, chat, change, takeAll } = createFeed()
  for (const key of ['x', 'y', 'z']) change(key, 1)
  say('a')
  chat(0)
  change('x', 2)
  feed.reply(b4a.from('reply'))
  t.alike(takeAll(), ['reply', 'x=2', 'a1', 'y=1', '#0', 'z=1'])
  t.ok(feed.isEmpty)
  t.is(feed.waitingBytes, 0)
})

test('what was dropped of the subnet is told with the rest, once', (t) => {
  const { feed, say, chat, change, take, takeAll } = createFeed()
  const third = Math.floor(FEED_LIMITS.maxBytes / 3)
  say('a', third)
  chat(7, third)
  chat(9, third)
  say('a')
  for (let i = 0; i < STATE_LIMITS.maxItems + 1; i++) change(`k${i}`, i)
  say('b', third)
  t.ok(feed.waitingBytes <= FEED_LIMITS.maxBytes + STATE_LIMITS.maxBytes)
  t.alike(JSON.parse(take() ?? ''), {
    dropped: 2 + STATE_LIMITS.maxItems,
    channels: { a: { from: 1, to: 1 } },
    state: true,
    chat: { from: 7, to: 7 }
  })
  t.alike(takeAll(), [`k${STATE_LIMITS.maxItems}=${STATE_LIMITS.maxItems}`, '#9', 'a2', 'b1'])
  feed.loseChanges(3)
  t.alike(JSON.parse(take() ?? ''), { dropped: 3, channels: {}, state: true })
  t.is(take(), null)
})

test('what is watched no longer does not come any more', (t) => {
  const { feed, say, chat, change, takeAll } = createFeed()
  change('x', 1)
  change('y', 1)
  chat(1)
  say('a')
  feed.keepWatched((key) => key === 'y', true)
  chat(2)
  t.alike(takeAll(), ['y=1', '#1', 'a1', '#2'])
  change('x', 2)
  chat(3)
  say('a')
  feed.keepWatched(() => false, false)
  t.alike(takeAll(), ['a2'])
})
