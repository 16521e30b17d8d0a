import Autobase from 'autobase'
import SystemView, { type SystemInfo } from 'autobase/lib/system.js'
import type Corestore from 'corestore'
import type { Core, CoreOptions } from 'corestore'
import type FDLock from 'fd-lock'
import Hyperbee, { type Entry } from 'hyperbee'
import ReadyResource from 'ready-resource'
import { IntercomError } from '../../../src/base/errors.ts'
import { hex32 } from '../../../src/base/hex.ts'
import type { SnapshotSource } from '../engine/operations/snapshot.ts'
import { lockStore, noSubnet, openReadOnly, storeFailure } from './store.ts'

// What is not on this disk is missing, instead of something to wait for.
const STORED: CoreOptions = { active: false, createIfMissing: false, wait: false }
/** The length of a core of the base that counts what is not confirmed yet, too. */
const LATEST = { name: 'batch' } as const

interface OpenState {
  readonly source: SnapshotSource
  readonly unconfirmed: number
  readonly view: Hyperbee
}

export interface ImportSourceOptions {
  /** Only what a majority of the indexers has signed. */
  readonly confirmed: boolean
}

/**
 * The subnet in the store of a peer that is stopped. Nothing in the folder is changed: it is read without Autobase,
 * which writes when it opens.
 */
export class ImportSource extends ReadyResource {
  readonly folder: string
  readonly #options: ImportSourceOptions
  #lock: FDLock | null = null
  #corestore: Corestore | null = null
  #state: OpenState | null = null

  constructor(folder: string, options: ImportSourceOptions) {
    super()
    this.folder = folder
    this.#options = options
  }

  /** Which state of which subnet it is. */
  get source(): SnapshotSource {
    return this.#opened.source
  }

  /** Blocks at the end of the view that are left out since they are not confirmed. */
  get unconfirmed(): number {
    return this.#opened.unconfirmed
  }

  async get(key: string): Promise<unknown> {
    const { view } = this.#opened
    return (await this.#read(() => view.get(key)))?.value ?? null
  }

  /** In the order of their keys, those behind this one. */
  async *entries(after: string | null = null): AsyncGenerator<Entry, void> {
    const range = after === null ? {} : { gt: after }
    const entries = this.#opened.view.createReadStream(range)[Symbol.asyncIterator]()
    for (;;) {
      const next = await this.#read(() => entries.next())
      if (next.done === true) return
      yield next.value
    }
  }

  protected override async _open(): Promise<void> {
    try {
      this.#lock = await lockStore(this.folder)
      const corestore = openReadOnly(this.folder)
      this.#corestore = corestore
      this.#state = await this.#read(() => this.#openState(corestore))
    } catch (error) {
      await this._close()
      throw error
    }
  }

  protected override async _close(): Promise<void> {
    try {
      await this.#corestore?.close()
    } finally {
      await this.#lock?.close()
    }
  }

  get #opened(): OpenState {
    if (this.#state === null) throw new IntercomError('closed', 'The old store is not open.')
    return this.#state
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
      throw storeFailure(error, this.folder)
    }
  }

  async #openState(corestore: Corestore): Promise<OpenState> {
    await corestore.ready()
    const { subnet, system } = await this.#openSystem(corestore)
    const stored = await this.#viewOf(system)
    const signed = corestore.get({ ...STORED, key: stored.key })
    await signed.ready()
    const newest = await latest(signed)
    const core = this.#options.confirmed ? signed : newest
    const bee = new Hyperbee(core, { extension: false, keyEncoding: 'utf-8', valueEncoding: 'json' })
    await bee.ready()
    const { length } = stored
    return {
      source: { subnet, length, treeHash: hex32(await core.treeHash(length)) },
      unconfirmed: newest.length - length,
      view: bee.checkout(length)
    }
  }

  /** The core that says which views there are, and how long they were each time it was written. */
  async #openSystem(corestore: Corestore): Promise<{ subnet: string; system: Core }> {
    // To ask for what was never there would make it.
    const known = await corestore.storage.getAlias({ name: 'local', namespace: corestore.ns })
    if (known === null) throw noSubnet(this.folder)
    const local = corestore.get({ ...STORED, name: 'local' })
    await local.ready()
    const subnet = await local.getUserData('referrer')
    const boot = subnet === null ? null : await Autobase.getBootRecord(corestore, null)
    if (subnet === null || boot === null || boot.key === null) throw noSubnet(this.folder)
    const system = corestore.get({ ...STORED, key: boot.key })
    await system.ready()
    return { subnet: hex32(subnet), system }
  }

  async #viewOf(system: Core): Promise<SystemInfo['views'][number]> {
    const core = this.#options.confirmed ? system : await latest(system)
    const [view] = core.length === 0 ? [] : (await infoOf(core)).views
    if (view !== undefined) return view
    if (!this.#options.confirmed) throw noSubnet(this.folder)
    throw new IntercomError('import_refused', 'Nothing of the state in the old store is confirmed yet.', {
      next: 'Start the old peer until its indexers have signed, or take what is not signed with --confirmed 0.'
    })
  }
}

async function latest(core: Core): Promise<Core> {
  const session = core.session(LATEST)
  await session.ready()
  return session
}

async function infoOf(core: Core): Promise<SystemInfo> {
  const system = new SystemView(core.session())
  try {
    await system.ready()
    return await system.getIndexedInfo(core.length)
  } finally {
    await system.close()
  }
}
