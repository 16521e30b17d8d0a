import { IntercomError } from '../../src/base/errors.ts'
import type { Rules, SettlementKind } from './engine/rules.ts'
import { KEYS } from './engine/state-keys.ts'
import type { Subnet } from './subnet.ts'

/** What every transaction has to know of the state before anything else. */
export interface Standing {
  readonly rules: Rules
  readonly settlement: SettlementKind
  /** Transactions are switched on. */
  readonly enabled: boolean
}

/** Read once for each version of the view: with many transactions at a time that is most of them. */
export class Standings {
  readonly #subnet: Subnet
  #latest: { readonly length: number; readonly standing: Promise<Standing> } | null = null

  constructor(subnet: Subnet) {
    this.#subnet = subnet
    subnet.on('applied', this.#forget)
  }

  close(): void {
    this.#subnet.off('applied', this.#forget)
  }

  /** Throws where there is no admin yet. */
  latest(): Promise<Standing> {
    // The view also grows without a batch being applied here, when it is taken over from others.
    const { length } = this.#subnet.base.view.core
    if (this.#latest?.length !== length) this.#latest = { length, standing: this.#read() }
    return this.#latest.standing
  }

  readonly #forget = (): void => {
    this.#latest = null
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

export function noAdmin({ bootstrap, writerKey }: Subnet): IntercomError {
  if (bootstrap === writerKey) {
    return new IntercomError('no_admin', 'Subnet has no admin yet. Run /add_admin --address <key>.')
  }
  return new IntercomError('no_admin', 'Subnet has no admin yet, or nothing of it has been received here.', {
    next: 'Wait until a peer of the subnet is connected (/stats), then try again.'
  })
}
