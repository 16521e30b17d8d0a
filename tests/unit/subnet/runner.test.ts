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

/** Asks for several things at once, and does not go on with each of them at the same pace. */
class Hasty extends Contract {
  constructor() {
    super(null)
    this.addFunction('together')
    this.addFunction('alone')
  }

  async together() {
    await Promise.all(['a', 'b', 'c'].map((key, i) => this.#copy(key, 3 - i)))
  }

  alone() {
    for (const key of ['a', 'b', 'c']) void this.#copy(key, 50)
  }

  async #copy(key: string, steps: number) {
    await this.get(key)
    for (let i = 0; i < steps; i++) await null
    await this.put(`1 ${key}`, await this.get(`${key}${key}`))
    await this.put(`2 ${key}`, 1)
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

test('what a contract asks for at once comes in the same order from every store', async (t) => {
  const turn = (times: number): Promise<void> =>
    times === 0
      ? Promise.resolve()
      : new Promise((resolve) => void setImmediate(() => resolve(turn(times - 1))))
  for (const type of ['together', 'alone']) {
    const orders = []
    for (const slow of ['', 'a', 'b', 'bb', 'c', 'cc']) {
      const written: unknown[] = []
      const slowOnce: Store = { ...store(written), get: (key) => turn(key === slow ? 5 : 0).then(() => null) }
      await new ContractRunner(new Hasty()).run(input(type, 'a'), slowOnce, RULESETS[2])
      orders.push(written)
    }
    t.is(orders[0]?.length, 6, type)
    for (const order of orders) t.alike(order, orders[0], type)
  }
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
