import { IntercomError } from '../../../src/base/errors.ts'
import type { Applied } from '../engine/events.ts'
import type { Rules, SettlementKind } from '../engine/rules.ts'
import { KEYS } from '../engine/state-keys.ts'
import type { Subnet } from '../subnet.ts'

/** What every transaction has to know of the state before anything else. */
export interface Standing {
  readonly rules: Rules
  readonly settlement: SettlementKind
  /** Transactions are switched on. */
  readonly enabled: boolean
}

const READ = [KEYS.admin, KEYS.rules, KEYS.settlement, KEYS.rulesMark, KEYS.transactions]

/** Read only when it may have changed, since every transaction asks for it. */
export class Standings {
  readonly #subnet: Subnet
  readonly #onchange: () => void
  #latest: Promise<Standing> | null = null

  /** `onchange` is called when it may be another one. */
  constructor(subnet: Subnet, onchange: () => void) {
    this.#subnet = subnet
    this.#onchange = onchange
    subnet.on('applied', this.#handleApplied)
  }

  close(): void {
    this.#subnet.off('applied', this.#handleApplied)
  }

  /** Throws where there is no admin yet. */
  latest(): Promise<Standing> {
    this.#latest ??= this.#read().catch((error: unknown) => {
      this.#latest = null
      throw error
    })
    return this.#latest
  }

  readonly #handleApplied = ({ operations, changed }: Applied): void => {
    // What is taken over from the indexers does not name every key.
    if (operations.length > 0 && !READ.some((key) => changed.has(key))) return
    this.#latest = null
    this.#onchange()
  }

  async #read(): Promise<Standing> {
    const subnet = this.#subnet
    const rules = await subnet.rules()
    if (rules === null) throw noAdmin(subnet)
    const enabled = await subnet.read(KEYS.transactions)
    return {
      rules,
      settlement: await subnet.settlementKind(),
      enabled: enabled === null || enabled === true
    }
  }
}

export function txDisabled(): IntercomError {
  return new IntercomError('tx_disabled', 'Tx is not enabled.')
}

export function noAdmin({ bootstrap, writerKey }: Subnet): IntercomError {
  if (bootstrap === writerKey) {
    return new IntercomError('no_admin', 'Subnet has no admin yet. Run /add_admin --address <key>.')
  }
  return new IntercomError('no_admin', 'Subnet has no admin yet, or nothing of it has been received here.', {
    next: 'Wait until a peer of the subnet is connected (/stats), then try again.'
  })
}
