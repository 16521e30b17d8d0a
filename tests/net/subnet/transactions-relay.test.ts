import test from 'brittle'
import { BenchScope } from '../../../bench/helpers/scope.ts'
import type { Applied } from '../../../features/subnet/engine/events.ts'
import { RULESETS } from '../../../features/subnet/engine/rules.ts'
import type { MemberMessage } from '../../../features/subnet/members/messages.ts'
import {
  add,
  hasState,
  joinCounter,
  met,
  openCounter,
  transactionBy,
  tx
} from '../../helpers/subnet/counter.ts'
import { until } from '../../helpers/subnet/member.ts'
import { alice, appendWriter } from '../../helpers/subnet/ops.ts'
import { openStranger } from '../../helpers/subnet/stranger.ts'
import { once, startDht } from '../../helpers/swarm.ts'

const scope = new BenchScope()
const dht = await startDht(scope)
/** What was done to the clock of the admin's machine. */
let shift = 0
const admin = await openCounter(scope, dht, { now: () => Date.now() + shift })
const { bootstrap } = admin.desk
const times = { arrival: 3000, answer: 15_000, whole: 30_000 }
const reader = await joinCounter(scope, dht, bootstrap, { transactions: { times } })
await hasState(reader)
await met(reader)
const stranger = await openStranger(scope, dht, bootstrap, ({ relayTx, id }) =>
  relayTx === undefined
    ? null
    : { relayed: id, tx: (relayTx as { tx: string }).tx, ok: false, error: 'not_writable' }
)
const context = await admin.desk.txContext()
const count = async () => ((await admin.desk.get('txl', false)) as number | null) ?? 0

test('who may not write hands its transactions to a writer', async (t) => {
  t.absent(reader.desk.writable)

  const { lines, result } = await reader.desk.tx({ command: 'add r' })
  t.alike([result.appended, result.n, result.error], [true, 0, null])
  t.alike(lines, [`TX appended: ${result.tx}`])
  const stored = (await admin.desk.get('txi/0')) as Record<string, unknown>
  t.alike([stored.tx, stored.ipk, stored.wp], [result.tx, reader.node.key, admin.desk.writerKey])
  t.is(await reader.desk.get('app/count/r', false), 1, 'and it is here, too')
  t.is((await tx(reader, 'fail')).error, 7)
  t.alike((await tx(reader, 'add r', true)).value, { count: 2 })

  const places = await Promise.all(Array.from({ length: 20 }, () => tx(reader, 'add r')))
  t.ok(places.every(({ appended, error }) => appended && error === null))
  t.is(new Set(places.map(({ n }) => n)).size, 20)
  t.is(await count(), 22)
  await t.exception(tx(reader, 'loop'), /takes longer than/, 'it is not even handed over')
})

test('two writers may relay the same transaction: it counts once', async (t) => {
  const writer = await joinCounter(t, dht, bootstrap)
  const { subnet } = admin.desk
  await subnet.append(subnet.pen.a(RULESETS[2], 'addWriter', writer.desk.writerKey, appendWriter))
  await until(writer, () => writer.desk.writable)
  const [one, two] = [await stranger.meets(admin.node.key), await stranger.meets(writer.node.key)]
  const before = await count()

  const transaction = transactionBy(alice, context, add('twice'))
  const said = await Promise.all([
    stranger.relay(one, transaction),
    stranger.relay(two, transaction),
    stranger.relay(one, transaction)
  ])
  t.alike(
    said.map(({ ok, tx: hash }) => [ok, hash]),
    Array(3).fill([true, transaction.tx])
  )
  // Whatever each of them wrote before this one is there.
  await tx(writer, 'add last')
  await until(admin, async () => (await admin.desk.get('app/count/last', false)) === 1)
  t.is(await count(), before + 2)
  t.is(await admin.desk.get('app/count/twice', false), 1)
  t.is(await writer.desk.get('app/count/twice', false), 1)
  t.is((await stranger.relay(one, transaction)).ok, true, 'once more: it is there')
  t.is(await count(), before + 2)
})

test('what is no good transaction of this subnet is refused, whoever sends it', async (t) => {
  const writer = await stranger.meets(admin.node.key)
  const good = transactionBy(alice, context, add('hostile'))
  const written = new Map<string, Set<boolean>>()
  const handleApplied = ({ operations }: Applied) => {
    for (const { id, accepted } of operations) written.set(id, (written.get(id) ?? new Set()).add(accepted))
  }
  admin.desk.subnet.on('applied', handleApplied)
  t.teardown(() => admin.desk.subnet.off('applied', handleApplied))
  const bad = [
    { ...good, signature: `00${good.signature.slice(2)}` },
    { ...good, ipk: admin.node.key },
    { ...good, dispatch: add('hostile', 1000) },
    { ...good, tx: '11'.repeat(32) },
    transactionBy(alice, { ...context, bs: '22'.repeat(32) }, add('hostile')),
    transactionBy(alice, { ...context, networkId: 918 }, add('hostile')),
    transactionBy(alice, context, { type: 'add', value: 'x'.repeat(4096) }),
    { tx: good.tx },
    { ...good, dispatch: { type: 'add' } }
  ]
  for (const transaction of bad) t.alike((await stranger.relay(writer, transaction)).error, 'bad_arguments')
  // Nothing comes of these at all.
  for (const message of [
    { relayTx: null, id: 1 },
    { relayTx: good, id: 'x' },
    { relayTx: { tx: {} }, id: 2 },
    { relayed: 1 }
  ])
    stranger.say(writer, message)
  const taken = await Promise.all([stranger.relay(writer, good), stranger.relay(writer, good)])
  t.alike(
    taken.map(({ ok }) => ok),
    [true, true],
    'and the good one is taken'
  )
  t.alike([...(written.get(`tx/${good.tx}`) ?? [])], [true], 'once')
  t.absent(bad.some(({ tx: hash }) => hash !== good.tx && written.has(`tx/${hash}`)))
})

test('nonsense is refused at once, whatever it is to come after', async (t) => {
  const nobody = await openStranger(t, dht, bootstrap)
  const writer = await nobody.meets(admin.node.key)
  const key = (n: number) => n.toString(16).padStart(64, '0')
  const parts = Array.from({ length: 20_000 }, () => ({}))
  const startedAt = Date.now()
  const answers = await Promise.all(
    Array.from({ length: 32 }, (_, n) => nobody.relay(writer, { tx: key(n), parts }, key(1000 + n)))
  )
  t.alike(
    answers.map(({ error }) => error),
    Array(32).fill('bad_arguments')
  )
  t.ok(Date.now() - startedAt < 3000, 'less than it is waited for one to come after')
})

test('while transactions are switched off nobody may write one, which passes', async (t) => {
  const { subnet } = admin.desk
  const enable = (enabled: boolean) =>
    subnet.append(subnet.pen.b(RULESETS[2], 'enableTransactions', { enabled, address: admin.node.key }))
  const writer = await stranger.meets(admin.node.key)
  const one = transactionBy(alice, context, add('off'))
  await enable(false)
  t.is((await stranger.relay(writer, one)).error, 'tx_disabled')
  await enable(true)
  t.is((await stranger.relay(writer, one)).ok, true)
})

test('a neighbour has a budget, and loses it over a contract that does not come to an end', async (t) => {
  const flooder = await openStranger(t, dht, bootstrap)
  const to = await flooder.meets(admin.node.key)
  const before = await count()
  const startedAt = Date.now()
  const answers: MemberMessage[] = []
  const round = () =>
    Array.from({ length: 40 }, () => flooder.relay(to, transactionBy(alice, context, add('flood'))))
  const own = tx(admin, 'add own')
  for (let i = 0; i < 8; i++) answers.push(...(await Promise.all(round())))
  const budget = 100 + Math.ceil((Date.now() - startedAt) / 100)
  const taken = answers.filter(({ ok }) => ok === true).length
  t.ok(taken >= 100 && taken <= budget, `${taken} of ${answers.length} were taken, ${budget} may be`)
  t.ok(answers.every(({ ok, error }) => ok === true || error === 'rate_limited'))
  t.is((await own).appended, true)
  t.is(await count(), before + 1 + taken)

  const writer = await stranger.meets(admin.node.key)
  const loop = () => stranger.relay(writer, transactionBy(alice, context, { type: 'loop', value: null }))
  const looping = Promise.all([loop(), loop(), loop()])
  t.ok((await tx(admin, 'add own')).appended, 'our own do not wait for it')
  t.alike(
    (await looping).map(({ error }) => error),
    ['contract_too_slow', 'rate_limited', 'rate_limited']
  )
  const once = async () => (await stranger.relay(writer, transactionBy(alice, context, add('flood')))).error
  t.is(await once(), 'rate_limited')
  shift = 3600_000
  t.is(await once(), 'rate_limited', 'a clock that is set makes it no shorter')
  shift = 0
})

test('the word of a neighbour is not enough', async (t) => {
  let word: object = { ok: false, error: 'contract_too_slow' }
  const liar = await openStranger(t, dht, bootstrap, ({ relayTx, id }) =>
    relayTx === undefined ? null : { relayed: id, tx: (relayTx as { tx: string }).tx, ...word }
  )
  await liar.meets(reader.node.key)
  t.ok((await tx(reader, 'add honest')).appended, 'another one took it')
  t.is(await admin.desk.get('app/count/honest', false), 1)
  word = { ok: true }
  await admin.close()
  const { members } = reader.desk.subnet
  while (members.sessions.some(({ neighbour }) => neighbour.key === admin.node.key))
    await once(members, 'session-gone')

  const { lines, result } = await reader.desk.tx({ command: 'add honest' })
  t.alike([result.appended, result.n], [false, null])
  t.alike(lines, [`TX ${result.tx} waits for a writer: it is kept, and sent again.`])
  t.ok(liar.heard.some(({ relayTx }) => (relayTx as { tx: string } | undefined)?.tx === result.tx))
})

test('the nodes close', async (t) => {
  await t.execution(scope.close())
})
