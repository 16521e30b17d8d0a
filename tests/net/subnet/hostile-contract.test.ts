import test, { type Assertions } from 'brittle'
import type { TxVerifier } from '../../../features/subnet/engine/settlement.ts'
import { ACTS, LEFT_BEHIND, RETURNED, THROWN, WRITTEN } from '../../helpers/subnet/hostile-acts.ts'
import { HostileContract } from '../../helpers/subnet/hostile-contract.ts'
import { admin, alice, byte } from '../../helpers/subnet/ops.ts'
import { inAgreement, link, openPeer, type Peer } from '../../helpers/subnet/peer.ts'

const yes: TxVerifier = { verify: async () => true }
const settlements = { msb: yes, local: yes }

const OUTSIDE = [
  ...['Date', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'fetch', 'process', 'crypto'],
  ...['performance', 'navigator', 'Bare', 'require', 'WeakRef', 'FinalizationRegistry', 'Intl', 'Worker'],
  ...['SharedArrayBuffer', 'Atomics', 'Temporal', 'MessageChannel', 'WebSocket']
]

/** A subnet with one writer, whose transactions are runs of the hostile contract. */
class Stage {
  readonly writer: Peer
  readonly #t: Assertions
  #txs = 0

  constructor(t: Assertions, writer: Peer) {
    this.#t = t
    this.writer = writer
  }

  static async open(t: Assertions, rules: 1 | 2): Promise<Stage> {
    const writer = await openPeer(t, { contract: new HostileContract(), settlements })
    const choice = rules === 2 ? { rules, settlement: 'local' } : {}
    await writer.base.append({ type: 'addAdmin', key: admin.publicKey, ...choice })
    return new Stage(t, writer)
  }

  /** Runs it, and says how it is on record. */
  async run(type: string, value: unknown = null): Promise<{ err: unknown; val: unknown }> {
    const n = this.#txs++
    const key = n.toString(16).padStart(64, '0')
    const dispatch = { type, value }
    await this.writer.base.append({
      type: 'tx',
      key,
      value: { msbsl: 0, dispatch, ipk: alice.publicKey, wp: byte(3) }
    })
    return (await this.writer.get(`txi/${n}`)) as { err: unknown; val: unknown }
  }

  get(key: string): Promise<unknown> {
    return this.writer.get(key)
  }

  /** Somebody who comes later has the same, and both are there. */
  async end(): Promise<void> {
    const bootstrap = this.writer.base.key
    const late = await openPeer(this.#t, {
      ...{ contract: new HostileContract(), settlements, bootstrap },
      fromZero: true
    })
    link(this.#t, this.writer, late)
    await inAgreement([this.writer, late])
    this.#t.alike(await late.view(), await this.writer.view(), 'the same on a peer that comes later')
    this.#t.absent(late.base.closed || this.writer.base.closed, 'both are up')
  }
}

for (const rules of [1, 2] as const) {
  test(`ruleset ${rules}: whatever a contract does, it is the same everywhere`, {
    timeout: 55_000
  }, async (t) => {
    const stage = await Stage.open(t, rules)
    await refusesOutside(t, stage, rules)
    await recordsEndings(t, stage, rules)
    await writesJson(t, stage)
    await survivesTheRest(t, stage, rules)
    await stage.end()
  })
}

async function refusesOutside(t: Assertions, stage: Stage, rules: 1 | 2): Promise<void> {
  for (const name of [...OUTSIDE, ...(rules === 2 ? ['console'] : [])]) {
    const { err } = await stage.run('uses', { name })
    t.is(err, `${name} is not available to a contract: every peer has to come to the same result`)
  }
  t.is(await stage.get('used'), null)
}

async function recordsEndings(t: Assertions, stage: Stage, rules: 1 | 2): Promise<void> {
  for (const [name, [, error]] of Object.entries(THROWN)) {
    t.is((await stage.run(`throws ${name}`)).err, error, `throws ${name}`)
    t.is(await stage.get('x'), null, name)
  }
  for (const [name, row] of Object.entries(RETURNED))
    t.is((await stage.run(`returns ${name}`)).err, expected(rules, row), `returns ${name}`)
}

async function writesJson(t: Assertions, stage: Stage): Promise<void> {
  for (const [name, [, stored, error]] of Object.entries(WRITTEN)) {
    t.is((await stage.run(`writes ${name}`)).err, error, `writes ${name}`)
    if (error === null) t.is(JSON.stringify(await stage.get('x')), JSON.stringify(stored), name)
  }
}

async function survivesTheRest(t: Assertions, stage: Stage, rules: 1 | 2): Promise<void> {
  for (const [name, row] of Object.entries(ACTS)) {
    const { err, val } = await stage.run(name)
    t.ok(err === expected(rules, row), `${name}: ${String(err).slice(0, 100)}`)
    const forged = rules === 1 && name === 'changesItsOperation'
    t.alike(val, forged ? { type: 'forged', value: { changed: true } } : { type: name, value: null })
  }
  t.is(await stage.get('many/199'), 999)
  t.is(await stage.get('unwaited/199'), 199)
  t.ok(await stage.get('late'), 'belongs to the run that began it')
  t.is(await stage.get('stack'), 'Error: here', 'no path of this machine')
  t.alike(await stage.get('seen'), ['at ', 'at __proto__', 'at %EF%BF%BD'])
  t.is(((await stage.get('refused')) as string[]).length, 24)
  t.is(await stage.get('kept'), null)
}

function expected<T>(rules: 1 | 2, row: readonly [unknown, T, T?]): T {
  return rules === 1 && row.length === 3 ? (row[2] as T) : row[1]
}

test('ruleset 2: what a run leaves behind in objects is gone in the next one', async (t) => {
  const stage = await Stage.open(t, 2)
  for (const name of Object.keys(LEFT_BEHIND)) {
    t.is((await stage.run(`leaves ${name}`)).err, null, name)
    t.is((await stage.run(`finds ${name}`)).err, null, name)
    t.is(await stage.get('found'), false, name)
  }
  await stage.end()
})
