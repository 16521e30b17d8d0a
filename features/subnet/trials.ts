import type Hyperbee from 'hyperbee'
import type { Dispatch } from '../../src/app/payloads.ts'
import { IntercomError } from '../../src/base/errors.ts'
import { errorCode } from './engine/operations/tx.ts'
import type { Rules } from './engine/rules.ts'
import type { RunInput, Verdict } from './engine/runner.ts'
import type { Store } from './engine/state.ts'
import type { Subnet } from './subnet.ts'

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

/** What transactions would do to the latest state. Nothing of it is kept. */
export class Trials {
  readonly #subnet: Subnet
  readonly #create: () => TrialRunner
  #runner: TrialRunner | null = null
  #latest: Snapshot | null = null
  #closed = false

  constructor(subnet: Subnet, create: () => TrialRunner) {
    this.#subnet = subnet
    this.#create = create
    subnet.on('applied', this.#forget)
  }

  /** Throws where the contract does not come to an end in time: in `apply` it would stop every peer. */
  async run({ tx, dispatch, ipk: address, validator }: Trial, rules: Rules): Promise<Tried> {
    if (this.#closed) throw new IntercomError('closed', 'The subnet is closing.')
    this.#runner ??= this.#create()
    this.#latest ??= new Snapshot(this.#subnet.base.view)
    const snapshot = this.#latest.use()
    try {
      const input: RunInput = { kind: 'tx', address, tx, validator, dispatch }
      const { error, value, log } = await this.#runner.run(input, rules, snapshot)
      return { error: errorCode(error, rules), value: value ?? null, log }
    } finally {
      await snapshot.release()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#subnet.off('applied', this.#forget)
    await this.#runner?.close()
  }

  readonly #forget = (): void => {
    this.#latest = null
  }
}

/** The state as it was when somebody first looked, for all who try something at that time: what one has read need not be read again. */
class Snapshot {
  readonly #view: Hyperbee
  #snapshot: Hyperbee | null = null
  #users = 0

  constructor(view: Hyperbee) {
    this.#view = view
  }

  use(): this {
    this.#users++
    return this
  }

  get(key: string): Promise<{ readonly value: unknown } | null> {
    this.#snapshot ??= this.#view.snapshot()
    return this.#snapshot.get(key)
  }

  async release(): Promise<void> {
    this.#users--
    if (this.#users > 0 || this.#snapshot === null) return
    const snapshot = this.#snapshot
    this.#snapshot = null
    await snapshot.close()
  }
}
