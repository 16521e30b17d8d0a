import test from 'brittle'
import { DryRunner } from '../../../features/subnet/dry-run.ts'
import { RULESETS } from '../../../features/subnet/engine/rules.ts'
import { KEYS } from '../../../features/subnet/engine/state-keys.ts'
import type { TrialRunner } from '../../../features/subnet/transactions/trials.ts'
import { type Deferred, deferred } from '../../../src/base/deferred.ts'
import { createLog } from '../../../src/base/log.ts'
import { COUNTER_APP, hasState, joinCounter, met, openCounter, tx } from '../../helpers/subnet/counter.ts'
import { type OpenMember, until } from '../../helpers/subnet/member.ts'
import { startDht } from '../../helpers/swarm.ts'
import type { Scope } from '../../helpers/tmp.ts'

const log = createLog({ level: 'error', json: false, write: () => {}, now: Date.now })

/** Where the trials of a peer can be held up. */
class Gate {
  #opened: Promise<void> = Promise.resolve()
  #open: () => void = () => {}
  #held = 0
  #waiting: { readonly count: number; readonly reached: Deferred<void> } | null = null

  readonly createTrialRunner = (): TrialRunner => {
    const runner = new DryRunner({ app: COUNTER_APP, timeLimitMs: 1000, log })
    return {
      run: async (input, rules, store) => {
        this.#held++
        if (this.#held === this.#waiting?.count) this.#waiting.reached.resolve()
        await this.#opened
        return runner.run(input, rules, store)
      },
      close: () => runner.close()
    }
  }

  /** Resolves when so many are held up. */
  hold(count: number): Promise<void> {
    const opened = deferred<void>()
    this.#opened = opened.promise
    this.#open = () => opened.resolve()
    this.#held = 0
    this.#waiting = { count, reached: deferred<void>() }
    return this.#waiting.reached.promise
  }

  release(): void {
    this.#open()
  }
}

async function openStage(t: Scope) {
  const dht = await startDht(t)
  const gates = { admin: new Gate(), reader: new Gate() }
  const admin = await openCounter(t, dht, {
    transactions: { createTrialRunner: gates.admin.createTrialRunner }
  })
  const reader = await joinCounter(t, dht, admin.desk.bootstrap, {
    transactions: { createTrialRunner: gates.reader.createTrialRunner }
  })
  await hasState(reader)
  await met(reader)
  await tx(reader, 'add first')
  const { subnet } = admin.desk
  const enable = (enabled: boolean) =>
    subnet.append(subnet.pen.b(RULESETS[2], 'enableTransactions', { enabled, address: admin.node.key }))
  /** All of them were let in by the reader while transactions were switched on. */
  const send = async (count: number) => {
    const held = gates.reader.hold(count)
    const sent = Array.from({ length: count }, () => tx(reader, 'add r'))
    await held
    return sent
  }
  return { gates, admin, reader, enable, send }
}

/** Resolves with their places once all are in the state. */
async function placesOf(reader: OpenMember, hashes: readonly string[]): Promise<unknown[]> {
  let places: unknown[] = []
  await until(reader, async () => {
    places = await Promise.all(hashes.map((hash) => reader.desk.get(`tx/${hash}`, false)))
    return !places.includes(null)
  })
  return places
}

test('what is kept while transactions are switched off goes when they are on again, as the state says', async (t) => {
  t.timeout(10_000)
  const { gates, reader, enable, send } = await openStage(t)
  const sent = await send(5)
  await enable(false)
  await until(reader, async () => (await reader.desk.get(KEYS.transactions, false)) === false)
  gates.reader.release()
  const results = await Promise.all(sent)
  t.absent(results.some(({ appended }) => appended))
  await enable(true)
  t.alike(
    await placesOf(
      reader,
      results.map((result) => result.tx)
    ),
    [1, 2, 3, 4, 5]
  )
})

test('what a writer may not put into the log at that moment is no less welcome to it later', async (t) => {
  t.timeout(10_000)
  const { gates, admin, reader, enable, send } = await openStage(t)
  const sent = await send(5)
  const held = gates.admin.hold(1)
  gates.reader.release()
  await held
  await enable(false)
  gates.admin.release()
  const results = await Promise.all(sent)
  t.absent(results.some(({ appended }) => appended))
  await enable(true)
  t.alike(
    await placesOf(
      reader,
      results.map((result) => result.tx)
    ),
    [1, 2, 3, 4, 5]
  )
  t.is(await admin.desk.get('app/count/r', false), 5)
})

test('switched off and on again while one is tried: it goes in all the same, and in order', async (t) => {
  t.timeout(10_000)
  const { gates, reader, enable, send } = await openStage(t)
  const sent = await send(5)
  const held = gates.admin.hold(1)
  gates.reader.release()
  await held
  await enable(false)
  const switched = enable(true)
  gates.admin.release()
  await switched
  const results = await Promise.all(sent)
  t.alike(
    await placesOf(
      reader,
      results.map((result) => result.tx)
    ),
    [1, 2, 3, 4, 5]
  )
})
