import test from 'brittle'
import { ask, connect, ENTRY, hearNext, isRefused, ONE, openOne, openTalk, TWO } from './helpers.ts'

test('each client follows what it subscribed to; nothing means everything', async (t) => {
  const { node, say } = await openTalk(t)
  const [all, one, both] = [await connect(t, node), await connect(t, node), await connect(t, node)]
  await ask(one, { type: 'subscribe', channel: ONE })
  await ask(both, { type: 'subscribe', channels: [ONE, TWO] })
  await say('a', 'b')
  const inAll = (message: string) => [
    [ENTRY, message],
    [ONE, message],
    [TWO, message]
  ]
  t.alike(await hearNext(all, 6), [...inAll('a'), ...inAll('b')])
  t.alike(await hearNext(one, 2), [
    [ONE, 'a'],
    [ONE, 'b']
  ])
  t.alike(await hearNext(both, 4), [...inAll('a').slice(1), ...inAll('b').slice(1)])

  await ask(one, { type: 'subscribe', channel: ' two ' })
  await ask(both, { type: 'unsubscribe', channel: ONE })
  await say('c')
  t.alike(await hearNext(one, 2), inAll('c').slice(1), 'subscriptions add up')
  t.alike(await hearNext(both, 1), [[TWO, 'c']])

  await ask(one, { type: 'unsubscribe' })
  await ask(both, { type: 'unsubscribe', channels: [TWO, 'never followed'] })
  await say('d')
  t.alike(await hearNext(one, 3), inAll('d'), 'none named: follows all again')
  t.alike(await hearNext(both, 3), inAll('d'), 'the last one gone: follows all again')
  t.alike(await hearNext(all, 6), [...inAll('c'), ...inAll('d')], 'the other was not touched')
})

test('a subscription may come before the channel, and outlives leaving it', async (t) => {
  const { node, say } = await openTalk(t)
  const [client, all] = [await connect(t, node), await connect(t, node)]
  t.alike((await ask(client, { type: 'subscribe', channel: 'later' })).channels, ['later'])
  await ask(client, { type: 'subscribe', channel: ONE })
  await ask(client, { type: 'leave', channel: ONE })
  await say('a')
  t.alike(await hearNext(all, 2), [
    [ENTRY, 'a'],
    [TWO, 'a']
  ])
  await ask(client, { type: 'subscribe', channel: TWO })
  await say('b')
  t.alike(await hearNext(client, 1), [[TWO, 'b']])
})

test('what a client may follow is bounded', async (t) => {
  const client = await connect(t, await openOne(t))
  const names = (from: number) => Array.from({ length: 1024 }, (_, i) => `channel ${from + i}`)
  for (let from = 0; from < 4096; from += 1024)
    t.is((await ask(client, { type: 'subscribe', channels: names(from) })).type, 'subscribed')
  const refused = await ask(client, { type: 'subscribe', channel: 'one more' })
  isRefused(t, refused, 'Invalid channels (at most 4096 are followed).', 'bad_request')
  t.is((await ask(client, { type: 'subscribe', channels: names(0) })).type, 'subscribed', 'those it has')
  t.alike((await ask(client, { type: 'unsubscribe' })).channels, [])
})
