import type { Dispatch } from '../../../src/app/payloads.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import { errorCode } from '../engine/operations/tx.ts'
import type { Rules } from '../engine/rules.ts'
import type { RunInput, Verdict } from '../engine/runner.ts'
import type { Store } from '../engine/state.ts'
import type { Subnet } from '../subnet.ts'

/** Runs contracts where they can do no harm; it refuses what takes too long. */
export interface TrialRunner {
  run(input: RunInput, rules: Rules, store: Pick<Store, 'get'>): Promise<Verdict>
  close(): Promise<void>
}

/** What is tried. */
export interface Trial {
  readonly tx: string
  readonly dispatch: Dispatch
  readonly ipk: string
  readonly validator: string
}

export interface Tried {
  /** As it would stand in the state. */
  readonly error: string | number | null
  readonly value: unknown
  readonly log: readonly string[]
}

/** What transactions would do to the state. Nothing of it is kept. */
export class Trials {
  readonly #subnet: Subnet
  readonly #create: () => TrialRunner
  #runner: TrialRunner | null = null
  #closed = false

  constructor(subnet: Subnet, create: () => TrialRunner) {
    this.#subnet = subnet
    this.#create = create
  }

  /**
   * Throws where the contract does not come to an end in time: in `apply` it would stop every peer. It reads the
   * state as it moves, since it will be another one when the transaction is applied, and this way finds in memory
   * what others have read before.
   */
  async check(trial: Trial, rules: Rules): Promise<void> {
    await this.attempt(inputOf(trial), rules)
  }

  /** The same for what is no transaction. */
  attempt(input: RunInput, rules: Rules): Promise<Verdict> {
    const { view } = this.#subnet.base
    return this.#run(input, rules, { get: (key) => view.get(key) })
  }

  /** To the latest state, as it is now and stays meanwhile. */
  async simulate(trial: Trial, rules: Rules): Promise<Tried> {
    const snapshot = this.#subnet.base.view.snapshot()
    try {
      const { error, value, log } = await this.#run(inputOf(trial), rules, {
        get: (key) => snapshot.get(key)
      })
      return { error: errorCode(error, rules), value: value ?? null, log }
    } finally {
      await snapshot.close()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#runner?.close()
  }

  #run(input: RunInput, rules: Rules, store: Pick<Store, 'get'>): Promise<Verdict> {
    if (this.#closed) throw new IntercomError('closed', 'The subnet is closing.')
    this.#runner ??= this.#create()
    return this.#runner.run(input, rules, store)
  }
}

function inputOf({ tx, dispatch, ipk: address, validator }: Trial): RunInput {
  return { kind: 'tx', address, tx, validator, dispatch }
}
