import { Contract } from '../../../src/app/contract.ts'

/** As little as a contract can do, and a little more. */
export default class SetContract extends Contract {
  constructor(protocol: unknown) {
    super(protocol)
    this.addFunction('set')
    this.addFunction('count')
  }

  /** Puts one value under one key. */
  async set(): Promise<void> {
    const { key, value } = this.value as { key: string; value: unknown }
    await this.put(key, value)
  }

  /** Reads three keys, and counts one up. */
  async count(): Promise<void> {
    const { key, beside } = this.value as { key: string; beside: readonly [string, string] }
    const count = ((await this.get(key)) as number | null) ?? 0
    for (const other of beside) await this.get(other)
    await this.put(key, count + 1)
  }
}
