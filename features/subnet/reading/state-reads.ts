import type Autobase from 'autobase'
import type { Member } from 'autobase'
import b4a from 'b4a'
import type Hyperbee from 'hyperbee'
import ReadyResource from 'ready-resource'
import { systemCode } from '../../../src/base/errors.ts'
import { type Hex32, hex32 } from '../../../src/base/hex.ts'
import type { Rules, SettlementKind } from '../engine/rules.ts'
import { rulesOf, settlementKind } from '../engine/ruleset.ts'
import { State } from '../engine/state.ts'
import { KEYS } from '../engine/state-keys.ts'
import { type Agreement, splitOff } from '../log/agreement.ts'
import { bounded, hereOrNull, whenHere } from '../log/failures.ts'

/** During one read. */
const MOST_MOVES = 5

export interface WriterStatus {
  readonly key: Hex32
  readonly indexer: boolean
}

/** What is read of a subnet. Where a part of the state would have to come from a neighbour, not for ever. */
export abstract class StateReads extends ReadyResource {
  /** In ms: how long a read waits for neighbours. */
  protected abstract readonly readPatience: number
  abstract get base(): Autobase
  protected agreement: Agreement | null = null

  /** A quorum of the indexers has signed another state than the one here. */
  get split(): boolean {
    return this.agreement?.split ?? false
  }

  /** Indexers that have signed another state than the one here. */
  get differingIndexers(): readonly Hex32[] {
    return this.agreement?.differing ?? []
  }

  /** What would be tried, confirmed and answered here would be of another state than that of the subnet. */
  assertAgrees(): void {
    if (this.split) throw splitOff()
  }

  /** The latest value, which may still be reordered; null when there is none. */
  async read(key: string): Promise<unknown> {
    return (await whenHere(this.base.view.get(key)))?.value ?? null
  }

  /** The view as a majority of the indexers has signed it, to be closed by whoever asked; null while there is none. */
  confirmedView(): Hyperbee | null {
    // What has split off Autobase takes for signed as soon as the indexers change.
    this.assertAgrees()
    const { view } = this.base
    const { signedLength } = view.core
    // A view of no length would be taken for the latest.
    return signedLength === 0 ? null : view.checkout(signedLength)
  }

  /** The value a majority of the indexers has signed. */
  async readConfirmed(key: string): Promise<unknown> {
    const view = this.confirmedView()
    if (view === null) return null
    try {
      return (await whenHere(view.get(key)))?.value ?? null
    } finally {
      await view.close()
    }
  }

  state(): State {
    const { view } = this.base
    return new State({ get: (key) => whenHere(view.get(key)), put: refused, del: refused })
  }

  /** Reads what is here, and throws where something would have to come from a neighbour; see `hereOrNull`. */
  stateHere(): State {
    const { view } = this.base
    return new State({ get: (key) => view.get(key, { wait: false }), put: refused, del: refused })
  }

  /** Null until there is an admin: before that nobody knows. */
  rules(): Promise<Rules | null> {
    return rulesIn(this.state())
  }

  /** The same, and null where this peer has not got so far. */
  rulesHere(): Promise<Rules | null> {
    return hereOrNull(rulesIn(this.stateHere()))
  }

  settlementKind(): Promise<SettlementKind> {
    return settlementKind(this.state())
  }

  writers(): Promise<readonly WriterStatus[]> {
    return bounded(
      this.#again(() => writersOf(this.base)),
      this.readPatience
    )
  }

  /** Null for whoever never was a writer. */
  member(key: Hex32): Promise<Member | null> {
    return bounded(
      this.#again(() => this.base.system.get(b4a.from(key, 'hex'))),
      this.readPatience
    )
  }

  /** When the indexers change, the members go on in another core: what was being read then is read again. */
  async #again<T>(read: () => Promise<T>): Promise<T> {
    for (let moves = 0; ; moves++) {
      try {
        return await read()
      } catch (error) {
        const { base } = this
        if (systemCode(error) !== 'SESSION_CLOSED' || moves === MOST_MOVES || base.closing !== null)
          throw error
        await base.update()
      }
    }
  }
}

async function writersOf({ system }: Autobase): Promise<WriterStatus[]> {
  const writers: WriterStatus[] = []
  for await (const { key, value } of system.list()) {
    if (!value.isRemoved) writers.push({ key: hex32(key), indexer: value.isIndexer })
  }
  return writers
}

async function rulesIn(state: State): Promise<Rules | null> {
  return (await state.has(KEYS.admin)) ? rulesOf(state) : null
}

function refused(): Promise<never> {
  return Promise.reject(new TypeError('the view is written by operations only'))
}
