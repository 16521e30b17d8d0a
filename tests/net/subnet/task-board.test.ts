import test, { type Assertions } from 'brittle'
import { type LoadedApp, loadApp } from '../../../features/subnet/app/load-app.ts'
import type { Protocol } from '../../../src/app/protocol.ts'
import { toHex } from '../../../src/base/hex.ts'
import type { Signer } from '../../../src/base/signature.ts'
import { admin, alice, appendWriter, bob, pen } from '../../helpers/subnet/ops.ts'
import { inAgreement, link, openPeer, type Peer } from '../../helpers/subnet/peer.ts'

const yes = { verify: async () => true }
const OPEN = 'app/tasks/open/0000000000'
const A = alice.publicKey
const START = 1_700_000_000_000
const MINUTE = 60_000

interface Board {
  readonly peer: Peer
  readonly protocol: Protocol
  /** Sends what somebody typed, or a dispatch; resolves to what the state says is wrong with it. */
  say(by: Signer, command: string | object): Promise<unknown>
  time(value: unknown): Promise<void>
  task(id?: number): Promise<Record<string, unknown>>
  /** All keys of the board with their values. */
  entries(): Promise<Record<string, unknown>>
}

let txs = 0

async function openBoard(t: Assertions, rules: 1 | 2, bootstrap?: Uint8Array): Promise<Board> {
  const app: LoadedApp = await loadApp('examples/task-board')
  const protocol = app.createProtocol(
    { generateNonce: () => '', transact: async () => null },
    {
      get view() {
        return peer.base.view
      }
    }
  )
  const peer: Peer = await openPeer(t, {
    contract: app.createContract(protocol),
    settlements: { msb: yes, local: yes },
    ...(bootstrap === undefined ? {} : { bootstrap })
  })
  const { feature } = pen(rules, toHex(peer.base.key), 100)
  const choice = rules === 1 ? {} : { rules: 2, settlement: 'local' }
  if (bootstrap === undefined) await peer.base.append({ type: 'addAdmin', key: admin.publicKey, ...choice })
  return {
    peer,
    protocol,
    async say(by, command) {
      const op = transaction(by, typeof command === 'string' ? protocol.mapTxCommand(command) : command)
      await peer.base.append(op)
      return errorOf(peer, op.key)
    },
    time: async (value) => void (await peer.base.append(feature(admin, 'timer', 'currentTime', value))),
    task: async (id = 0) =>
      (await peer.get(`app/tasks/all/${String(id).padStart(10, '0')}`)) as Record<string, unknown>,
    async entries() {
      const found: Record<string, unknown> = {}
      for await (const { key, value } of peer.base.view.createReadStream({ gte: 'app/', lt: 'app0' })) {
        found[key] = value
      }
      return found
    }
  }
}

function transaction(by: Signer, dispatch: unknown) {
  const key = (++txs).toString(16).padStart(64, '0')
  return { type: 'tx', key, value: { msbsl: 0, dispatch, ipk: by.publicKey, wp: key } }
}

/** Of a transaction that was applied; undefined for one that is not on record. */
async function errorOf(peer: Peer, key: string): Promise<unknown> {
  const n = await peer.get(`tx/${key}`)
  return n === null ? undefined : ((await peer.get(`txi/${n}`)) as { err: unknown }).err
}

for (const rules of [1, 2] as const) {
  test(`ruleset ${rules}: a task is claimed once, and completed by who claimed it`, async (t) => {
    const { peer, protocol, say, task, entries } = await openBoard(t, rules)
    t.is(await say(alice, 'post mend the roof'), null)
    t.alike(await entries(), {
      'app/tasks/all/0000000000': await task(),
      'app/tasks/count': 1,
      [OPEN]: 'mend the roof'
    })
    t.is(await say(bob, 'done 0'), 'Task 0 is open.')

    // In one batch: the order of the log decides.
    const claims = [alice, bob].map((by) => transaction(by, protocol.mapTxCommand('claim 0')))
    await Promise.all(claims.map((op) => peer.base.append(op)))
    const errors = await Promise.all(claims.map(({ key }) => errorOf(peer, key)))
    t.alike(errors, [null, 'Task 0 is claimed.'])
    t.is((await task()).claimer, A)
    t.is((await entries())[OPEN], undefined)
    t.is((await entries())[`app/tasks/claimed/${A}/0000000000`], 'mend the roof')

    t.is(await say(bob, 'done 0 it was me'), 'Task 0 was claimed by somebody else.')
    t.is(await say(alice, 'done 0 as good as new'), null)
    t.is(await say(alice, 'done 0 again'), 'Task 0 is done.')
    t.is(await say(bob, 'claim 0'), 'Task 0 is done.')
    t.is(await say(bob, 'claim 1'), 'There is no task 1.')
    t.alike(await entries(), {
      'app/tasks/all/0000000000': {
        ...{ id: 0, title: 'mend the roof', details: null, by: A, until: null },
        ...{ status: 'done', claimer: A, result: 'as good as new' }
      },
      'app/tasks/count': 1
    })
  })

  test(`ruleset ${rules}: two writers who were apart claim one task`, async (t) => {
    const one = await openBoard(t, rules)
    const two = await openBoard(t, rules, one.peer.base.key)
    const { a } = pen(rules, toHex(one.peer.base.key))
    await one.peer.base.append(a(admin, 'addIndexer', toHex(two.peer.base.local.key), appendWriter))
    await one.say(alice, 'post a task')
    const cut = link(t, one.peer, two.peer)
    await inAgreement([one.peer, two.peer])
    await cut()

    t.is(await one.say(alice, 'claim 0'), null)
    t.is(await two.say(bob, 'claim 0'), null, 'each has it as far as each knows')
    link(t, one.peer, two.peer)
    await inAgreement([one.peer, two.peer])
    t.alike(await one.peer.view(), await two.peer.view())
    t.alike(await one.task(), await two.task())
    const { claimer } = await one.task()
    const [winner, loser] = claimer === A ? [alice, bob] : [bob, alice]
    const errors = await Promise.all(
      [1, 2].map(async (n) => (await one.peer.get(`txi/${n}`)) as { err: unknown })
    )
    t.alike(errors.map(({ err }) => err).sort(), ['Task 0 is claimed.', null].sort())
    t.is(await one.say(loser as Signer, 'done 0'), 'Task 0 was claimed by somebody else.')
    t.is(await one.say(winner as Signer, 'done 0'), null)
  })

  test(`ruleset ${rules}: a time ends by the clock of the admin`, async (t) => {
    const { peer, say, time, task, entries } = await openBoard(t, rules)
    const post = '{"op":"post","title":"be quick","details":"now","minutes":2}'
    t.is(await say(alice, post), 'There is no time yet: the admin has to run the timer.')
    t.alike(await entries(), {})
    for (const value of ['1', -1, 1.5, null, 2 ** 53, {}]) await time(value)
    t.is(await peer.get('currentTime'), null, 'what is no time is none')
    await time(START)
    for (const title of [1, 2]) t.is(await say(alice, post.replace('quick', `${title}`)), null)
    t.is((await task()).until, START + 2 * MINUTE)

    await time(START + 2 * MINUTE - 1)
    t.is(await say(bob, 'expire 0'), 'The time of task 0 is not over.')
    t.is(await say(bob, 'claim 0'), null)
    await time(START + 2 * MINUTE)
    await time(START)
    t.is(await peer.get('currentTime'), START + 2 * MINUTE, 'time does not go back')
    t.is(await say(bob, 'done 0'), 'The time of task 0 is over.')
    t.is(await say(bob, 'claim 1'), 'The time of task 1 is over.')
    t.is((await task(1)).status, 'open', 'nobody has said so yet')
    for (const id of [0, 1]) t.is(await say(bob, `expire ${id}`), null)
    t.is(await say(bob, 'expire 0'), 'The time of task 0 is not over.')
    t.is(await say(bob, 'claim 1'), 'Task 1 is expired.')
    t.alike(Object.keys(await entries()), [
      'app/tasks/all/0000000000',
      'app/tasks/all/0000000001',
      'app/tasks/count'
    ])
  })

  test(`ruleset ${rules}: values of a stranger change nothing`, async (t) => {
    const { peer, say, entries } = await openBoard(t, rules)
    await say(alice, 'post a task')
    const before = await entries()
    const post = (value: unknown) => ({ type: 'postTask', value })
    const claim = (value: unknown) => ({ type: 'claimTask', value })
    const hostile = [
      ...[
        null,
        [],
        'a',
        1,
        {},
        { title: '' },
        { title: 1 },
        { title: ['a'] },
        { title: 'a'.repeat(141) }
      ].map(post),
      ...[
        { title: 'a', details: 1 },
        { title: 'a', details: 'a'.repeat(2001) }
      ].map(post),
      ...[0, -1, 1.5, '1', true, 1e300, []].map((minutes) => post({ title: 'a', minutes })),
      ...[null, {}, '0', -1, 0.5, 1e10, true, [0], '../open', '__proto__'].map((id) => claim({ id })),
      ...['keepTime', 'constructor', '__proto__', 'put', 'time_entry', 'feature', ''].map((type) => ({
        type,
        value: {}
      }))
    ]
    const known = rules === 1 ? undefined : 'Invalid schema.'
    for (const dispatch of hostile) {
      const error = await say(bob, dispatch)
      if (dispatch.type.endsWith('Task')) t.is(error, known, JSON.stringify(dispatch))
      else t.ok(error !== null, JSON.stringify(dispatch))
    }
    t.is(await say(bob, post({ title: ' \n\t\u00a0' })), 'A task needs a title.')
    t.alike(await entries(), before)
    t.absent(peer.base.closed, 'the node is up')

    // Nested strictness is only in ruleset 2; in ruleset 1 the field goes nowhere.
    const more = { title: 'a', status: 'done', claimer: 'me', id: 7 }
    t.is(await say(bob, post(more)), rules === 1 ? null : 'Invalid schema.')
    t.is(await say(bob, post({ title: 'b', details: null, minutes: null })), null)
    const { 'app/tasks/count': count, ...rest } = await entries()
    t.is(count, rules === 1 ? 3 : 2)
    t.absent(JSON.stringify(rest).includes('"claimer":"me"'))
  })
}

test('the commands, in words and as JSON', async (t) => {
  const { protocol } = await openBoard(t, 2)
  const rows: [command: string, type: string | null, value?: object][] = [
    ['post mend the roof', 'postTask', { title: 'mend the roof' }],
    ['  post  3 chairs ', 'postTask', { title: '3 chairs' }],
    ['claim 3', 'claimTask', { id: 3 }],
    ['done 3', 'completeTask', { id: 3 }],
    ['done 3 as good as new', 'completeTask', { id: 3, result: 'as good as new' }],
    ['expire 0003', 'expireTask', { id: 3 }],
    ['{"op":"claim","id":3}', 'claimTask', { id: 3 }],
    ['{"op":"post","title":"a","minutes":5}', 'postTask', { title: 'a', minutes: 5 }],
    ...['', 'post', 'claim', 'claim x', 'claim 3 4', 'claim 12345678901', 'postTask a', 'constructor 1'].map(
      (command) => [command, null] as [string, null]
    ),
    ...['{}', '[]', '1', 'null', '{"op":"__proto__"}', '{"op":["claim"],"id":1}'].map(
      (command) => [command, null] as [string, null]
    )
  ]
  for (const [command, type, value] of rows) {
    t.alike(protocol.mapTxCommand(command), type === null ? null : { type, value }, command)
  }
})

test('programs read what is confirmed', async (t) => {
  const { peer, protocol, say, time, task } = await openBoard(t, 2)
  await protocol.extendApi()
  const { listTasks, getTask } = protocol.api as Record<string, (...args: unknown[]) => Promise<unknown>>
  if (listTasks === undefined || getTask === undefined) return t.fail('they are not there')
  t.alike(await listTasks(), { total: 0, tasks: [] })
  await time(START)
  await say(alice, '{"op":"post","title":"be quick","minutes":1}')
  for (let i = 1; i < 4; i++) await say(alice, `post task ${i}`)
  await time(START + MINUTE)
  await peer.base.ack()
  const ids = async (...args: unknown[]) =>
    ((await listTasks(...args)) as { tasks: { id: number }[] }).tasks.map(({ id }) => id)
  t.alike(await ids(), [0, 1, 2, 3])
  t.alike(await ids(1, 2), [1, 2])
  t.alike(await ids(9), [])
  t.alike(await ids('x', -1), [0, 1, 2, 3], 'what is no number is not given')
  t.alike(await protocol.commands.tasks?.run({ from: '2' }), await listTasks(2))
  t.alike(await protocol.commands.tasks?.run({}), await listTasks())
  t.alike(await getTask(0), { ...(await task(0)), status: 'expired' })
  t.alike(await getTask(1), await task(1))
  for (const id of [4, -1, '1', null, undefined, {}]) t.is(await getTask(id), null)
})
