import test from 'brittle'
import { BenchScope } from '../../../bench/helpers/scope.ts'
import { RULESETS } from '../../../features/subnet/engine/rules.ts'
import type { TxResult } from '../../../src/subnet-plane.ts'
import { Peer } from '../../helpers/peer.ts'
import { COUNTER_APP, hasState, joinCounter, met, transactionBy, tx } from '../../helpers/subnet/counter.ts'
import { type MemberOptions, type OpenMember, openMember, until } from '../../helpers/subnet/member.ts'
import { alice, appendWriter } from '../../helpers/subnet/ops.ts'
import { openStranger } from '../../helpers/subnet/stranger.ts'
import { once, startDht } from '../../helpers/swarm.ts'
import { type Scope, temporaryFolder } from '../../helpers/tmp.ts'

const scope = new BenchScope()
const dht = await startDht(scope)
/** It relays nothing, so that a test knows who does. */
const admin = await openMember(scope, dht, ['--app', COUNTER_APP, '--subnet-relay', '0'])
const { bootstrap, subnet } = admin.desk
await subnet.append({ type: 'addAdmin', key: admin.node.key, rules: 2, settlement: 'local' })
const letWrite = (key: string) => subnet.append(subnet.pen.a(RULESETS[2], 'addWriter', key, appendWriter))

async function joinWriter(t: Scope, options: MemberOptions = {}): Promise<OpenMember> {
  const member = await joinCounter(t, dht, bootstrap, options)
  await letWrite(member.desk.writerKey)
  await until(member, () => member.desk.writable)
  return member
}

const say = (name: string) => ({ type: 'say', value: { name } })
const said = async ({ desk }: OpenMember) => ((await desk.get('app/said', false)) as string[] | null) ?? []

test('a neighbour takes what was sent to it in order, and nothing whose predecessor it has not', async (t) => {
  const impatient = await joinWriter(t, { transactions: { times: { predecessor: 2000 } } })
  const stranger = await openStranger(t, dht, bootstrap)
  const to = await stranger.meets(impatient.node.key)
  const context = await admin.desk.txContext()
  const make = (name: string) => transactionBy(alice, context, say(name))
  const relay = async (one: ReturnType<typeof make>, after?: string) => {
    const { ok, error } = await stranger.relay(to, one, after)
    return ok === true ? 'ok' : error
  }
  const a = make('a')
  const b = make('b')
  t.is(await relay(b, a.tx), 'predecessor_missing', 'nobody has it')
  t.alike(await Promise.all([relay(a), relay(b, a.tx)]), ['ok', 'ok'])
  const bad = { ...make('bad'), signature: a.signature }
  const [c, d] = [make('c'), make('d')]
  t.alike(
    await Promise.all([relay(bad, b.tx), relay(c, bad.tx), relay(d, c.tx)]),
    ['bad_arguments', 'predecessor_missing', 'predecessor_missing'],
    'what fails takes with it all behind it'
  )
  t.alike(await Promise.all([relay(c, b.tx), relay(d, c.tx)]), ['ok', 'ok'])

  const other = await joinWriter(t)
  const [e, f] = [make('e'), make('f')]
  const toOther = await stranger.meets(other.node.key)
  const patient = await joinWriter(t, { transactions: { times: { predecessor: 30_000 } } })
  const early = stranger.relay(await stranger.meets(patient.node.key), f, e.tx)
  t.is((await stranger.relay(toOther, e, d.tx)).ok, true)
  t.is((await early).ok, true, 'it came meanwhile, by another writer')
  await until(admin, async () => (await said(admin)).length === 6)
  t.alike(await said(admin), ['a', 'b', 'c', 'd', 'e', 'f'])
})

test('a neighbour that does not answer is not overtaken by those behind', async (t) => {
  // The first trial of a writer takes a process, which takes its time on a busy machine.
  const times = { answer: 3000, whole: 30_000 }
  const reader = await joinCounter(t, dht, bootstrap, { transactions: { times } })
  await hasState(reader)
  let asked = 0
  // Before there is a writer who relays, so that it is asked first.
  const silent = await openStranger(t, dht, bootstrap, ({ relayTx, id }) => {
    if (relayTx === undefined || asked++ === 0) return null
    return { relayed: id, tx: (relayTx as { tx: string }).tx, ok: false, error: 'not_writable' }
  })
  await silent.meets(reader.node.key)
  await joinWriter(t)
  await met(reader, 3)
  const begun = await said(reader)
  const names = Array.from({ length: 10 }, (_, n) => `silent ${n}`)
  const results = await Promise.all(names.map((name) => tx(reader, say(name))))
  t.ok(results.every(({ appended }) => appended))
  t.ok(asked > 0)
  t.alike(await said(reader), [...begun, ...names])
})

const COUNT = 80
const TOGETHER = 16
const MORE = 48
/** The rest is not even sent then. */
const KILLED_AT = 20

test('what a reader sends keeps its order when the neighbour that takes it is killed', async (t) => {
  const nodes = dht.map(({ host, port }) => `${host}:${port}`).join(',')
  const args = ['--dht-bootstrap', nodes, '--subnet-bootstrap', bootstrap, '--app', COUNTER_APP]
  const first = new Peer(t, { cwd: temporaryFolder(t), args })
  const [, firstKey = ''] = await first.saw(/Peer writer key \(hex\): ([0-9a-f]{64})/)
  await letWrite(firstKey)
  await first.saw('may write now')
  const times = { answer: 3000, whole: 30_000 }
  const reader = await joinCounter(t, dht, bootstrap, { transactions: { times } })
  await hasState(reader)
  while (!(await tx(reader, say('begin'))).appended) await once(reader.desk.subnet.members, 'session')
  const second = await joinWriter(t)
  await met(reader, 3)

  const begun = await said(reader)
  const names = Array.from({ length: COUNT }, (_, n) => String(n))
  const results: Promise<TxResult>[] = []
  const sendOn = async () => {
    for (let name = names[results.length]; name !== undefined; name = names[results.length]) {
      const result = tx(reader, say(name))
      results.push(result)
      await result
    }
  }
  const sending = Array.from({ length: TOGETHER }, sendOn)
  await until(reader, async () => (await said(reader)).length >= begun.length + KILLED_AT)
  await first.kill()
  await Promise.all(sending)
  const places = (await Promise.all(results)).map(({ appended, n }) => (appended ? n : null))
  const start = places[0] ?? 0
  t.alike(
    places,
    [...names.keys()].map((n) => start + n)
  )
  t.alike(await said(reader), [...begun, ...names], 'in order, each once')
  await until(second, async () => (await said(second)).length === begun.length + COUNT)
  t.alike(await said(second), [...begun, ...names])
  const entries = await Promise.all(
    places.map((n) => second.desk.get(`txi/${n}`, false) as Promise<{ wp: string }>)
  )
  t.alike(
    [...new Set(entries.map(({ wp }) => wp))],
    [firstKey, second.desk.writerKey],
    'one took over from the other'
  )

  // More than a neighbour takes at a time.
  const more = Array.from({ length: MORE }, (_, n) => `more ${n}`)
  const taken = await Promise.all(more.map((name) => tx(reader, say(name))))
  t.ok(taken.every(({ appended }) => appended))
  t.alike(await said(reader), [...begun, ...names, ...more])
})

test('the nodes close', async (t) => {
  await t.execution(scope.close())
})
