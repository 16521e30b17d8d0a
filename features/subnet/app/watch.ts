import { IntercomError, messageOf } from '../../../src/base/errors.ts'
import type { Applied } from '../engine/events.ts'
import { KEYS } from '../engine/state-keys.ts'
import { hereOrNull } from '../log/failures.ts'
import type { Reader } from '../reading/reader.ts'
import type { Subnet } from '../subnet.ts'
import { findingsText, type LoadedApp } from './load-app.ts'

/** Sees to it that the app which runs here is one that makes the same state as elsewhere, or that people know. */
export class AppWatch {
  readonly #subnet: Subnet
  readonly #reader: Reader
  readonly #app: LoadedApp
  /** Of an app that is in force and another than ours; nobody is warned of the same one twice. */
  #warnedOf: string | null = null

  constructor(subnet: Subnet, reader: Reader, app: LoadedApp) {
    this.#subnet = subnet
    this.#reader = reader
    this.#app = app
  }

  /** An app that is not the same on every peer is not started; in ruleset 1, where such ones are deployed, it is. */
  async check(): Promise<void> {
    const { findings } = this.#app
    if (findings.length > 0) {
      const rules = await this.#subnet.rulesHere()
      const text = findingsText(findings)
      if (rules?.version !== 1)
        throw new IntercomError('app_broken', `The contract is not the same on every peer: ${text}.`)
      this.#subnet.log.warn('the contract may not be the same on every peer', { findings: text })
    }
    await this.#compare()
  }

  handleApplied({ changed }: Applied): void {
    if (!changed.has(KEYS.app)) return
    this.#compare().catch((error: unknown) => {
      this.#subnet.log.error('cannot tell which app is in force', { error: messageOf(error) })
    })
  }

  async #compare(): Promise<void> {
    const { name, version, hash } = this.#app
    const inForce = (await hereOrNull(this.#reader.app(this.#subnet.stateHere())))?.inForce ?? null
    if (inForce === null || inForce.hash === hash || inForce.hash === this.#warnedOf) return
    this.#warnedOf = inForce.hash
    this.#subnet.log.warn(
      'ANOTHER APP IS IN FORCE in this subnet: what is computed here will differ. Install the same version before you go on',
      {
        here: `${name} ${version} (${hash})`,
        inForce: `${inForce.name} ${inForce.version} (${inForce.hash})`
      }
    )
  }
}
