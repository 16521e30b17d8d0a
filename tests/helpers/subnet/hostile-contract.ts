import { Contract } from '../../../src/app/contract.ts'
import { ACTS, LEFT_BEHIND, RETURNED, THROWN, WRITTEN } from './hostile-acts.ts'

/** All of them as functions of a contract. */
export class HostileContract extends Contract {
  constructor() {
    super(null)
    for (const [name, [thrown]] of Object.entries(THROWN)) {
      this.#add(`throws ${name}`, async () => {
        await this.put('x', 'written')
        throw thrown()
      })
    }
    for (const [name, [returned]] of Object.entries(RETURNED))
      this.#add(`returns ${name}`, () => returned(this))
    for (const [name, [written]] of Object.entries(WRITTEN)) {
      this.#add(`writes ${name}`, async () => {
        await this.del('x')
        await this.put('x', written())
      })
    }
    for (const [name, [act]] of Object.entries(ACTS)) this.#add(name, () => act(this))
    for (const [name, [leave, found]] of Object.entries(LEFT_BEHIND)) {
      this.#add(`leaves ${name}`, () => leave(this))
      this.#add(`finds ${name}`, async () => this.put('found', await found(this)))
    }
    this.#add('writes under', () => this.put((this.value as { key: string }).key, 'written'))
    this.#add('uses', async () => {
      const uses = (this.value as { name: string }).name
      await this.put('used', String((globalThis as Record<string, unknown>)[uses]))
    })
  }

  #add(name: string, run: () => unknown): void {
    this.addFunction(name)
    Object.defineProperty(this, name, { value: run })
  }
}
