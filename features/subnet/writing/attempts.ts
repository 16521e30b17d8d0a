import type { Contract } from '../../../src/app/contract.ts'
import { registeredBy } from '../../../src/app/contract.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import type { Rules } from '../engine/rules.ts'
import type { RunInput, Verdict } from '../engine/runner.ts'

type Run = (input: RunInput, rules: Rules) => Promise<Verdict>

/** Messages and entries of features run the contract as transactions do, and could stop every peer as well. */
export class Attempts {
  readonly #contract: Contract
  readonly #run: Run

  constructor(contract: Contract, run: Run) {
    this.#contract = contract
    this.#run = run
  }

  /** What the contract refuses now is not written; where it does not come to an end, this throws too. */
  async message(dispatch: { readonly type: string }, address: string, rules: Rules): Promise<void> {
    if (registeredBy(this.#contract).messageHandler === null) return
    const input: RunInput = { kind: 'msg', address, tx: null, validator: null, dispatch }
    const { error } = await this.#run(input, rules)
    if (error !== null) throw new IntercomError('contract_error', `The app refused the message: ${error}`)
  }

  async feature(
    dispatch: { readonly type: string; readonly value: unknown },
    address: string,
    rules: Rules
  ): Promise<void> {
    if (!registeredBy(this.#contract).features.has(dispatch.type)) return
    await this.#run({ kind: 'feature', address, tx: null, validator: null, dispatch }, rules)
  }
}
