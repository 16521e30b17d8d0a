import fs from '#fs'
import path from '#path'
import process from '#process'
import { birthOf } from '../base/birth.ts'
import { messageOf, systemCode } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { RUN_FILE, type RunHealth, type RunInfo, readRunFile } from '../run-file.ts'

const HEARTBEAT_MS = 10_000

export interface RunFileOptions {
  readonly log?: Log | undefined
  readonly now: () => number
  readonly heartbeatMs?: number
  /** Asked at each heartbeat. */
  readonly health?: () => RunHealth
}

/** Keeps the file while the process has the store. A disk that takes nothing is logged, and no reason to end. */
export class RunFile {
  readonly #file: string
  readonly #options: RunFileOptions
  #info: RunInfo
  #timer: ReturnType<typeof setInterval> | null = null
  #writing: Promise<void> | null = null
  #again = false
  #writable: boolean | null = null

  constructor(folder: string, options: RunFileOptions) {
    this.#file = path.join(folder, RUN_FILE)
    this.#options = options
    const now = options.now()
    this.#info = {
      ...{ pid: process.pid, birth: birthOf(process.pid), startedAt: now, readyAt: null, heartbeatAt: now },
      ...{ bridge: null, metrics: null, tokenFile: null, rpc: null, rpcTokenFile: null, health: null }
    }
  }

  get info(): RunInfo {
    return this.#info
  }

  /** Whether the last attempt to write it worked; null before the first. */
  get writable(): boolean | null {
    return this.#writable
  }

  /** For the holder of the store: whatever an earlier process left is replaced. */
  open(): void {
    const now = this.#options.now()
    this.#info = { ...this.#info, startedAt: now, heartbeatAt: now }
    this.#attempt(() => {
      fs.writeFileSync(`${this.#file}.new`, this.#text(), { mode: 0o600 })
      fs.renameSync(`${this.#file}.new`, this.#file)
    })
    this.#timer = setInterval(() => this.#beat(), this.#options.heartbeatMs ?? HEARTBEAT_MS)
    // It is not what the process lives for.
    this.#timer.unref()
  }

  /** Resolves once it was written, or could not be. */
  update(
    change: Partial<Omit<RunInfo, 'pid' | 'birth' | 'startedAt' | 'heartbeatAt' | 'health'>> = {}
  ): Promise<void> {
    this.#info = { ...this.#info, ...change }
    return this.#beat()
  }

  async close(): Promise<void> {
    if (this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
    this.#again = false
    await this.#writing
    try {
      // Not another's, where the folder was moved away and made anew under us.
      if (this.#holder() === process.pid) fs.unlinkSync(this.#file)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
    }
  }

  #beat(): Promise<void> {
    if (this.#timer === null) return Promise.resolve()
    this.#again = true
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null
    })
    return this.#writing
  }

  /** One at a time; what changed meanwhile is written right after. */
  async #write(): Promise<void> {
    while (this.#again) {
      this.#again = false
      const { now, health } = this.#options
      this.#info = { ...this.#info, heartbeatAt: now(), health: health?.() ?? null }
      try {
        const holder = this.#holder()
        if (holder !== null && holder !== process.pid) throw new Error(`process ${holder} has written it`)
        // Not synced: after a crash of the machine nobody needs it.
        await fs.promises.writeFile(`${this.#file}.new`, this.#text(), { mode: 0o600 })
        await fs.promises.rename(`${this.#file}.new`, this.#file)
        this.#handleWritten(null)
      } catch (error) {
        this.#handleWritten(error)
      }
    }
  }

  #attempt(write: () => void): void {
    try {
      write()
      this.#handleWritten(null)
    } catch (error) {
      this.#handleWritten(error)
    }
  }

  #handleWritten(error: unknown): void {
    const worked = error === null
    const before = this.#writable ?? true
    this.#writable = worked
    if (worked === before) return
    const { log } = this.#options
    if (worked) log?.info('the store can be written again')
    else log?.error('cannot write to the store; trying again', { file: this.#file, error: messageOf(error) })
  }

  #holder(): number | null {
    return readRunFile(path.dirname(this.#file)).info?.pid ?? null
  }

  #text(): string {
    return `${JSON.stringify(this.#info)}\n`
  }
}
