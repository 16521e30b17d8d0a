import { Contract } from '../../../../src/app/contract.ts'

interface Add {
  readonly name: string
  readonly by?: number
}

/** Counts, and does what a contract should not. */
export default class CounterContract extends Contract {
  constructor(protocol: unknown) {
    super(protocol)
    for (const name of ['add', 'forget', 'say', 'fail', 'loop']) this.addFunction(name)
  }

  async add() {
    const { name, by = 1 } = this.value as Add
    const count = (((await this.get(`app/count/${name}`)) as number | null) ?? 0) + by
    this.log(`${name} is ${count}`)
    await this.put(`app/count/${name}`, count)
    await this.put(`app/by/${this.tx}`, this.address)
    return { count }
  }

  /** What is deleted is gone for the rest of the run, whatever the state has. */
  async forget() {
    const { name } = this.value as Add
    await this.del(`app/count/${name}`)
    return { left: await this.get(`app/count/${name}`) }
  }

  /** What was said, in order. */
  async say() {
    const said = ((await this.get('app/said')) as string[] | null) ?? []
    await this.put('app/said', [...said, (this.value as Add).name])
  }

  fail() {
    return new Error('7 bad')
  }

  loop() {
    for (;;);
  }
}
