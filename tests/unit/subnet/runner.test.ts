import test from 'brittle'
import { RULESETS } from '../../../features/subnet/engine/rules.ts'
import { ContractRunner } from '../../../features/subnet/engine/runner.ts'
import type { Store } from '../../../features/subnet/engine/state.ts'
import { Contract } from '../../../src/app/contract.ts'

/** Ways to write, as contracts do it. */
class Writer extends Contract {
  constructor() {
    super(null)
    for (const name of ['returned', 'chained', 'awaited', 'all', 'late']) this.addFunction(name)
  }

  returned() {
    return this.put('x', 1)
  }

  chained() {
    return this.get('y').then(() => this.put('x', 1))
  }

  async awaited() {
    await this.get('y')
    await this.put('x', 1)
  }

  async all() {
    await Promise.all([this.put('x', 1), this.get('y')])
  }

  late() {
    void this.get('y').then(() => this.put('x', this.tx))
  }
}

/** Uses clock and chance in each of its steps, as a store on a disk may. */
function store(written: unknown[]): Store {
  const step = async () => {
    for (let i = 0; i < 4; i++) {
      Date.now()
      Math.random()
      await null
    }
  }
  return {
    async get() {
      await step()
      return null
    },
    async put(key, value) {
      await step()
      written.push([key, value])
      await step()
    },
    del: step
  }
}

const input = (type: string, tx: string) => ({
  kind: 'tx' as const,
  address: 'me',
  tx,
  validator: null,
  dispatch: { type, value: null }
})

test('the store is never guarded, however a contract calls it', async (t) => {
  const runner = new ContractRunner(new Writer())
  for (const type of ['returned', 'chained', 'awaited', 'all', 'late']) {
    const written: unknown[] = []
    const { error } = await runner.run(input(type, 'a'), store(written), RULESETS[2])
    t.is(error, null, type)
    t.alike(written, [['x', type === 'late' ? 'a' : 1]], type)
  }
})

test('runs that are asked for together come one after the other, each with its own context', async (t) => {
  const runner = new ContractRunner(new Writer())
  const written: unknown[] = []
  const shared = store(written)
  const names = ['a', 'b', 'c', 'd']
  await Promise.all(names.map((tx) => runner.run(input('late', tx), shared, RULESETS[2])))
  t.alike(
    written,
    names.map((tx) => ['x', tx])
  )
})

test('a store that fails is not the fault of the contract', async (t) => {
  const runner = new ContractRunner(new Writer())
  const broken: Store = { ...store([]), put: () => Promise.reject(new Error('disk full')) }
  await t.exception(runner.run(input('awaited', 'a'), broken, RULESETS[2]), /disk full/)
  const unreadable: Store = { ...store([]), get: () => Promise.reject(new Error('bad block')) }
  for (const type of ['awaited', 'chained', 'late']) {
    await t.exception(runner.run(input(type, 'a'), unreadable, RULESETS[2]), /bad block/, type)
  }
  const written: unknown[] = []
  await runner.run(input('awaited', 'a'), store(written), RULESETS[2])
  t.is(written.length, 1, 'and the next run is not held up')
})
