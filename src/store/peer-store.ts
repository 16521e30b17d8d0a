import b4a from 'b4a'
import Corestore from 'corestore'
import ReadyResource from 'ready-resource'
import fs from '#fs'
import path from '#path'
import { IntercomError, messageOf, systemCode } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { replaceFile } from '../base/replace-file.ts'
import { quoted } from '../base/text.ts'
import { type RunHealth, readRunFile } from '../run-file.ts'
import { diskFault } from './disk-fault.ts'
import { type Migration, refuseNewer } from './format.ts'
import { DEVICE_FILE, keyFileIn } from './key-file-place.ts'
import { migrate } from './migrate.ts'
import { RunFile } from './run-file-writer.ts'

/** Our own files in a peer's folder. A new Corestore moves what it does not know into `db/`: they are moved back. */
export const STORE_FILES = [
  'format',
  'config.json',
  'run.json',
  'sidechannels.json',
  'sidechannels-ended.json',
  'subnet-bootstrap.hex',
  'subnet-channel',
  'subnet-pending.json',
  'subnet-written',
  'sc-bridge.token',
  'rpc.token'
] as const
export type StoreFile = (typeof STORE_FILES)[number]

/** A pipe in the place of one would keep the process waiting for good, where no signal reaches it. */
export function assertFiles(folder: string): void {
  for (const name of [DEVICE_FILE, ...STORE_FILES].flatMap((file) => [file, path.join('db', file)])) {
    const file = path.join(folder, name)
    if (!fs.existsSync(file) || fs.statSync(file).isFile()) continue
    throw new IntercomError('store_broken', `${quoted(file)} is not a file.`, {
      next: 'Move it away, and put back the file that was there.'
    })
  }
}

/** As much as the database adds at a time, at least. */
const PROBE_BYTES = 64 * 1024

export interface PeerStoreOptions {
  readonly now: () => number
  readonly log?: Log
  readonly health?: () => RunHealth
  /** Others than those of this version, and where they lead to. */
  readonly upgrade?: { readonly format: number; readonly migrations: readonly Migration[] }
}

/**
 * A peer's folder on disk: the Corestore and our own files beside it. One process at a time: the lock is
 * the Corestore's (on its device file), so the system frees it when the process dies, however it dies.
 */
export class PeerStore extends ReadyResource {
  readonly folder: string
  /** What others are told of the process that has the store. */
  readonly runFile: RunFile
  #corestore: Corestore | null = null
  #isNew = false
  readonly #options: PeerStoreOptions

  constructor(folder: string, options: PeerStoreOptions) {
    super()
    this.folder = folder
    this.#options = options
    this.runFile = new RunFile(folder, options)
  }

  get corestore(): Corestore {
    if (this.#corestore === null) throw new IntercomError('closed', 'The store is not open.')
    return this.#corestore
  }

  /** Made by this very opening. */
  get isNew(): boolean {
    return this.#isNew
  }

  get keyFile(): string {
    return keyFileIn(this.folder)
  }

  file(name: StoreFile): string {
    return path.join(this.folder, name)
  }

  protected override async _open(): Promise<void> {
    const db = path.join(this.folder, 'db')
    assertFiles(this.folder)
    refuseNewer(this.folder, this.#options.upgrade?.format)
    try {
      fs.mkdirSync(db, { recursive: true, mode: 0o700 })
      fs.chmodSync(this.folder, 0o700)
      fs.chmodSync(db, 0o700)
    } catch (error) {
      throw this.#broken(error)
    }
    this.#isNew = !fs.existsSync(path.join(this.folder, DEVICE_FILE))
    this.#corestore = await this.#openCorestore(true)
    try {
      for (const name of STORE_FILES) moveBack(path.join(db, name), this.file(name))
      this.#migrate()
    } catch (error) {
      await this.#corestore.close()
      throw error instanceof IntercomError ? error : this.#broken(error)
    }
    this.runFile.open()
  }

  protected override async _close(): Promise<void> {
    try {
      await this.runFile.close()
    } finally {
      if (this.#corestore !== null) await settled(this.#corestore)
      await this.#corestore?.close()
    }
  }

  /** Replaces the file at once or not at all, readable by its owner only. */
  writeFile(name: StoreFile, content: string): void {
    try {
      replaceFile(this.file(name), content)
    } catch (error) {
      const why = systemCode(error) ?? messageOf(error)
      throw new IntercomError('store_unwritable', `The store cannot be written (${why}).`, { cause: error })
    }
  }

  /** Why nothing can be written, or null: tried out. */
  fault(): string | null {
    const file = path.join(this.folder, 'fault.new')
    try {
      fs.writeFileSync(file, b4a.alloc(PROBE_BYTES), { mode: 0o600 })
      return null
    } catch (error) {
      return systemCode(error) ?? messageOf(error)
    } finally {
      fs.rmSync(file, { force: true })
    }
  }

  /** Before anybody reads what is in it. */
  #migrate(): void {
    const { now, log, upgrade } = this.#options
    const migrated = migrate(this.folder, { now, ...upgrade })
    if (migrated === null || migrated.backup === null) return
    log?.info('the store was brought up to date', { ...migrated })
  }

  async #openCorestore(mayRetry: boolean): Promise<Corestore> {
    let corestore: Corestore | null = null
    try {
      corestore = new Corestore(this.folder)
      await corestore.ready()
      return corestore
    } catch (error) {
      await corestore?.close().catch((closing: unknown) => {
        // What failed to open may fail to close for the same reason; anything else is news.
        if (messageOf(closing) !== messageOf(error)) throw closing
      })
      if (messageOf(error).includes('could not be locked')) throw this.#locked()
      if (systemCode(error) !== 'DEVICE_FILE') throw this.#broken(error)
      if (mayRetry && this.#removeUnfinishedDeviceFile()) return this.#openCorestore(false)
      throw new IntercomError(
        'store_moved',
        `The store ${quoted(this.folder)} was copied or moved here, or its CORESTORE file is damaged.`,
        {
          cause: error
        }
      )
    }
  }

  /** A process killed while it made the store leaves a device file without its contents. */
  #removeUnfinishedDeviceFile(): boolean {
    const file = path.join(this.folder, DEVICE_FILE)
    if (fs.readFileSync(file, 'utf-8').includes('device/inode=')) return false
    fs.unlinkSync(file)
    return true
  }

  #locked(): IntercomError {
    // It may not have come to writing the file yet; the name of the store is still right.
    const { info } = readRunFile(this.folder)
    const who = info === null ? 'another process' : `process ${info.pid}`
    return new IntercomError('store_locked', `The store ${quoted(this.folder)} is in use by ${who}.`)
  }

  #broken(error: unknown): IntercomError {
    const fault = diskFault(error)
    if (fault !== null) {
      const message = `The store ${quoted(this.folder)} cannot be written (${fault}).`
      return new IntercomError('store_unwritable', message, { cause: error })
    }
    return new IntercomError(
      'store_broken',
      `Cannot open the store ${quoted(this.folder)} (${messageOf(error)}).`,
      {
        cause: error
      }
    )
  }
}

/**
 * What came last from neighbours may still be on its way to the disk. Hypercore goes on with it when the store is
 * gone, and fails where nobody hears it but the process, which ends.
 */
async function settled({ cores }: Corestore): Promise<void> {
  for (const { state } of cores) {
    if (state === null) continue
    const { mutex } = state
    // One that is closed already has nothing on its way.
    const closed = () => {}
    await mutex.lock().then(() => mutex.unlock(), closed)
  }
}

function moveBack(from: string, to: string): void {
  if (fs.existsSync(from) && !fs.existsSync(to)) fs.renameSync(from, to)
}
