import fs from '#fs'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { folderSize } from '../store/size.ts'

const LEAST_INTERVAL_MS = 60_000

export interface DiskUse {
  readonly storeBytes: number
  /** Null where the system does not say. */
  readonly freeBytes: number | null
}

export interface DiskOptions {
  readonly folder: string
  readonly monotonic: () => number
  readonly log: Log
}

/** What the store takes and what is left, looked at in the background and once a minute at most. */
export class Disk {
  readonly #options: DiskOptions
  #use: DiskUse | null = null
  #lookedAt = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | null = null

  constructor(options: DiskOptions) {
    this.#options = options
  }

  /** As last seen; null before the first look is over. Looks again when that was long ago. */
  use(): DiskUse | null {
    void this.look()
    return this.#use
  }

  look(): Promise<void> {
    const now = this.#options.monotonic()
    if (this.#looking === null && now - this.#lookedAt >= LEAST_INTERVAL_MS) {
      this.#lookedAt = now
      this.#looking = this.#look().finally(() => {
        this.#looking = null
      })
    }
    return this.#looking ?? Promise.resolve()
  }

  async #look(): Promise<void> {
    const { folder, log } = this.#options
    try {
      const storeBytes = await folderSize(folder)
      this.#use = { storeBytes, freeBytes: await freeBytes(folder) }
    } catch (error) {
      // What cannot be told any more must not look as if it were so.
      this.#use = null
      log.warn('cannot look at the size of the store', { folder, error: messageOf(error) })
    }
  }
}

export async function freeBytes(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await fs.promises.statfs(folder)
    return Number(bavail) * Number(bsize)
  } catch {
    // Some file systems do not say, which is no fault of anybody.
    return null
  }
}
