import test from 'brittle'
import { ask, connect, ENTRY, hearNext, ONE, openTalk, TWO } from './helpers.ts'

const inOne = (...messages: unknown[]) => messages.map((message) => [ONE, message])

test('filters: per client, case, words, groups, values that are no text', async (t) => {
  const { node, say } = await openTalk(t)
  const texts = ['Alpha and BETA', 'alpha alone', 'gamma', { deep: { Alpha: ['beta'] } }, 42, 'nothing']
  const expressions: [filter: string, passes: unknown[]][] = [
    ['', texts],
    ['alpha', [texts[0], texts[1], texts[3]]],
    ['ALPHA+Beta', [texts[0], texts[3]]],
    ['alpha beta', [texts[0], texts[3]]],
    ['alpha, beta', [texts[0], texts[3]]],
    ['alpha+beta|gamma', [texts[0], texts[2], texts[3]]],
    ['42', [texts[4]]],
    ['"deep":', [texts[3]]],
    ['a||  |', [texts[0], texts[1], texts[2], texts[3]]],
    [' | ', texts]
  ]
  const clients = await Promise.all(
    expressions.map(async ([filter]) => {
      const client = await connect(t, node)
      await ask(client, { type: 'subscribe', channel: ONE })
      t.is((await ask(client, { type: 'set_filter', filter })).filter, filter)
      return client
    })
  )
  const watcher = await connect(t, node)
  await ask(watcher, { type: 'subscribe', channel: ONE })
  await say(...texts)
  await hearNext(watcher, texts.length)
  for (const client of clients) await ask(client, { type: 'clear_filter' })
  // Which passes everywhere.
  await say('the end')
  for (const [index, [filter, passes]] of expressions.entries()) {
    const client = clients[index] as Awaited<ReturnType<typeof connect>>
    t.alike(await hearNext(client, passes.length), inOne(...passes), `"${filter}"`)
    const { message, seq } = await client.nextMessage()
    t.alike([message, seq], ['the end', texts.length + 1], 'what is kept back is numbered all the same')
  }
})

test('--sc-bridge-filter is where every client begins', async (t) => {
  const { node, say } = await openTalk(t, ['--sc-bridge-filter', 'alpha'])
  const [stays, clears, sets] = [await connect(t, node), await connect(t, node), await connect(t, node)]
  for (const client of [stays, clears, sets]) await ask(client, { type: 'subscribe', channel: ONE })
  t.is((await ask(clears, { type: 'clear_filter' })).filter, '')
  await ask(sets, { type: 'set_filter', filter: 'beta' })
  await say('alpha', 'beta', 'alpha beta')
  t.alike(await hearNext(stays, 2), inOne('alpha', 'alpha beta'))
  t.alike(await hearNext(clears, 3), inOne('alpha', 'beta', 'alpha beta'))
  t.alike(await hearNext(sets, 2), inOne('beta', 'alpha beta'))
})

test('--sc-bridge-filter-channel: filters apply there, everything else passes', async (t) => {
  const { node, say } = await openTalk(t, [
    '--sc-bridge-filter',
    'alpha',
    '--sc-bridge-filter-channel',
    'one'
  ])
  const [client, sets] = [await connect(t, node), await connect(t, node)]
  await ask(sets, { type: 'set_filter', filter: 'beta' })
  await say('alpha', 'beta')
  t.alike(await hearNext(client, 5), [
    [ENTRY, 'alpha'],
    [ONE, 'alpha'],
    [TWO, 'alpha'],
    [ENTRY, 'beta'],
    [TWO, 'beta']
  ])
  t.alike(await hearNext(sets, 5), [
    [ENTRY, 'alpha'],
    [TWO, 'alpha'],
    [ENTRY, 'beta'],
    [ONE, 'beta'],
    [TWO, 'beta']
  ])
})
