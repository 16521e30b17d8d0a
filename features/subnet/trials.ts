import type { Dispatch } from '../../src/app/payloads.ts'
import { errorCode } from './engine/operations/tx.ts'
import type { Rules } from './engine/rules.ts'
import type { RunInput, Verdict } from './engine/runner.ts'
import { simulate } from './engine/simulate.ts'
import type { Store } from './engine/state.ts'
import type { Subnet } from './subnet.ts'

/** Runs contracts where they can do no harm; it refuses what takes too long. */
export interface TrialRunner {
  run(input: RunInput, rules: Rules, store: Pick<Store, 'get'>): Promise<Verdict>
  close(): Promise<void>
}

export interface Tried {
  /** As it would stand in the state. */
  readonly error: string | number | null
  readonly value: unknown
  readonly log: readonly string[]
}

/** What transactions would do to the latest state. Nothing of it is kept. */
export class Trials {
  readonly #subnet: Subnet
  readonly #create: () => TrialRunner
  #runner: TrialRunner | null = null

  constructor(subnet: Subnet, create: () => TrialRunner) {
    this.#subnet = subnet
    this.#create = create
  }

  /** Throws where the contract does not come to an end in time: in `apply` it would stop every peer. */
  async run(of: { tx: string; dispatch: Dispatch; ipk: string; validator: string }): Promise<Tried> {
    this.#runner ??= this.#create()
    const { tx, dispatch, ipk: address, validator } = of
    const input: RunInput = { kind: 'tx', address, tx, validator, dispatch }
    const { code, value, log } = await simulate(coded(this.#runner), this.#subnet.base.view, input)
    return { error: code, value: value ?? null, log }
  }

  async close(): Promise<void> {
    await this.#runner?.close()
  }
}

/** With the error as `apply` would write it. */
function coded(runner: TrialRunner) {
  return {
    async run(input: RunInput, store: Store, rules: Rules) {
      const verdict = await runner.run(input, rules, store)
      return { ...verdict, code: errorCode(verdict.error, rules) }
    }
  }
}
