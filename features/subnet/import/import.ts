import ReadyResource from 'ready-resource'
import fs from '#fs'
import path from '#path'
import { IntercomError } from '../../../src/base/errors.ts'
import type { Log } from '../../../src/base/log.ts'
import { randomNonce } from '../../../src/base/nonce.ts'
import type { Config } from '../../../src/config/flags.ts'
import { subnetJoiner } from '../../../src/config/subnet-joiner.ts'
import { IntercomNode } from '../../../src/node.ts'
import type { LoadedApp } from '../app/load-app.ts'
import { localVerifier } from '../engine/local-settlement.ts'
import {
  isUnused,
  type SnapshotRecord,
  type SnapshotSource,
  snapshotRecord
} from '../engine/operations/snapshot.ts'
import { RULESETS } from '../engine/rules.ts'
import { KEYS } from '../engine/state-keys.ts'
import { Subnet } from '../subnet.ts'
import type { Op } from '../writing/pen.ts'
import { importLines } from './lines.ts'
import { type ImportPlan, importBatches, planImport } from './plan.ts'
import { ImportSource } from './source.ts'

export interface SubnetImportOptions {
  readonly config: Config
  readonly log: Log
  /** The folder of the old peer's store. */
  readonly from: string
  readonly confirmed: boolean
  readonly app: LoadedApp
}

const rules = RULESETS[2]

/**
 * Makes a subnet of this peer from the state in the store of an old one. What was interrupted goes on where it
 * stopped, when the same is asked for again.
 */
export class SubnetImport extends ReadyResource {
  readonly #options: SubnetImportOptions
  readonly #source: ImportSource
  readonly #node: IntercomNode
  readonly #subnet: Subnet
  #plan: ImportPlan | null = null

  constructor(options: SubnetImportOptions) {
    super()
    const { config, log, from, confirmed, app } = options
    this.#options = options
    this.#source = new ImportSource(from, { confirmed })
    this.#node = new IntercomNode({ config, log })
    this.#subnet = new Subnet(this.#node, {
      app,
      settlements: { local: localVerifier },
      peer: {
        generateNonce: randomNonce,
        transact: () => Promise.reject(new IntercomError('closed', 'An import makes no transactions.'))
      }
    })
  }

  /** Resolves with what there is to tell once all is in the new subnet. */
  async run(): Promise<string[]> {
    await this.ready()
    try {
      return await this.#run(this.#plan as ImportPlan)
    } catch (error) {
      if (this.closing === null) throw error
      throw new IntercomError('closed', 'The import was stopped before its end.', {
        cause: error,
        next: 'Give the same command again: it goes on where it stopped.'
      })
    }
  }

  protected override async _open(): Promise<void> {
    this.#assertElsewhere()
    try {
      await this.#source.ready()
      // Whatever cannot be moved is found before anything is made.
      this.#plan = await planImport(this.#source)
      await this.#node.ready()
      await this.#subnet.ready()
    } catch (error) {
      await this._close()
      throw error
    }
  }

  protected override async _close(): Promise<void> {
    try {
      await this.#subnet.close()
    } finally {
      await this.#node.close()
      await this.#source.close()
    }
  }

  #assertElsewhere(): void {
    const { config, from } = this.#options
    const own = path.join(config.peerStoresDirectory, config.peerStoreName)
    if (fs.existsSync(from) && fs.existsSync(own) && fs.realpathSync(from) === fs.realpathSync(own)) {
      throw new IntercomError('bad_flag', 'The old store and the new one are the same.', {
        next: 'Name a new store with --peer-store-name.'
      })
    }
    if (config.subnetBootstrap === null) return
    throw new IntercomError('bad_flag', '--subnet-bootstrap has no effect on "subnet import".', {
      next: 'Leave it out: an import makes a subnet of its own.'
    })
  }

  async #run(plan: ImportPlan): Promise<string[]> {
    const source = this.#source.source
    await this.#becomeAdmin()
    const begun = await snapshotRecord(this.#subnet.state())
    if (begun === null) await this.#assertUnused()
    else assertSame(begun, source)
    if (begun?.done !== true) await this.#moveEntries(begun, plan)
    await this.#setSwitches(plan)
    const { bootstrap, channel, peerKey } = this.#subnet
    const { config, app } = this.#options
    const { line, note } = subnetJoiner(config, { bootstrap, channel, app })
    return [
      ...(begun?.done === true ? ['This was imported before; nothing was missing.'] : []),
      ...importLines(source, plan, this.#source.unconfirmed),
      `Admin: ${peerKey} (this peer)`,
      `Subnet bootstrap: ${bootstrap}`,
      `Others join with: ${line}`,
      ...(note === null ? [] : [note])
    ]
  }

  async #becomeAdmin(): Promise<void> {
    const subnet = this.#subnet
    if (subnet.bootstrap !== subnet.writerKey) {
      throw new IntercomError('subnet_mismatch', `This store takes part in the subnet ${subnet.bootstrap}.`)
    }
    const state = subnet.state()
    if (!(await state.has(KEYS.admin))) {
      await this.#append({ type: 'addAdmin', key: subnet.peerKey, rules: rules.version, settlement: 'local' })
      return
    }
    if ((await state.admin()) === subnet.peerKey && (await subnet.rules())?.version === rules.version) return
    throw new IntercomError(
      'import_refused',
      'The subnet of this store has another admin, or ruleset 1: nothing can be imported into it.',
      { next: 'Name a new store with --peer-store-name.' }
    )
  }

  async #assertUnused(): Promise<void> {
    if (await isUnused(this.#subnet.state())) return
    throw new IntercomError('import_refused', 'The subnet of this store is in use already.', {
      next: 'Name a new store with --peer-store-name.'
    })
  }

  async #moveEntries(begun: SnapshotRecord | null, plan: ImportPlan): Promise<void> {
    const { pen, peerKey: address } = this.#subnet
    const source = this.#source.source
    let after = begun?.last ?? null
    let moved = begun?.entries ?? 0
    for await (const entries of importBatches(this.#source, after)) {
      await this.#append(pen.b(rules, 'snapshot', { source, after, entries, address }))
      after = entries.at(-1)?.[0] ?? after
      moved += entries.length
      this.#subnet.log.info('importing', { entries: moved, of: plan.entries })
    }
    await this.#append(pen.b(rules, 'snapshotDone', { source, entries: plan.entries, address }))
  }

  /** Those that were never set here. */
  async #setSwitches({ switches }: ImportPlan): Promise<void> {
    const { pen, peerKey: address } = this.#subnet
    const state = this.#subnet.state()
    const unset = async (key: string) => !(await state.has(key))
    if (switches.whitelist && (await unset(KEYS.whitelist)))
      await this.#append(pen.b(rules, 'enableWhitelist', { enabled: true, address }))
    if (!switches.transactions && (await unset(KEYS.transactions)))
      await this.#append(pen.b(rules, 'enableTransactions', { enabled: false, address }))
    // Last: from then on others may write something.
    if (switches.chat && (await unset(KEYS.chatStatus)))
      await this.#append(pen.a(rules, 'setChatStatus', 'on'))
  }

  async #append(op: Op): Promise<void> {
    const applied = await this.#subnet.append(op)
    if (applied?.accepted === true) return
    throw new IntercomError(
      'import_refused',
      `The new subnet has refused an operation of the import (${op.type}).`,
      {
        next: 'Has it been used in between? Then name a new store with --peer-store-name.'
      }
    )
  }
}

function assertSame({ source }: SnapshotRecord, { subnet, length, treeHash }: SnapshotSource): void {
  if (source.subnet === subnet && source.length === length && source.treeHash === treeHash) return
  throw new IntercomError(
    'import_refused',
    `This store holds an import of the subnet ${source.subnet} at length ${source.length}; this is ${subnet} at length ${length}.`,
    { next: 'Name a new store with --peer-store-name.' }
  )
}
