import fs from '#fs'
import path from '#path'
import { type IntercomError, systemCode } from '../base/errors.ts'
import type { Resolved } from '../config/resolve.ts'
import { type RunState, readRunFile } from '../run-file.ts'
import { askNode, type NodeAnswer } from './ask-node.ts'
import type { DhtAnswer } from './dht.ts'

/** What every check looks at: one store, and the flags a node of it would have. */
export interface Patient {
  readonly resolved: Resolved
  /** What is wrong with config.json; everything else is then looked at without it. */
  readonly configFault: IntercomError | null
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly words: readonly string[]
  readonly now: () => number
}

/** What the system says to who may not. */
export const DENIED: readonly string[] = ['EACCES', 'EPERM']

/** `hidden`: whoever asks may not look into its folder, so nobody can say whether it is there. */
export type Presence = 'there' | 'none' | 'hidden'

/** `none`: there is no store. */
export type LockState = 'none' | 'hidden' | 'free' | 'held'

/** What helps where one may not look. */
export const ASK_AS_OWNER = 'Ask as the user who runs the node.'

/** One visit: what several checks want to know is found out once. Nothing in the store is changed. */
export class Visit {
  readonly patient: Patient
  readonly folder: string
  readonly run: RunState
  #lock: Promise<LockState> | null = null
  #node: Promise<NodeAnswer> | null = null
  #dht: Promise<DhtAnswer> | null = null

  constructor(patient: Patient) {
    const { config } = patient.resolved
    this.patient = patient
    this.folder = path.join(config.peerStoresDirectory, config.peerStoreName)
    this.run = readRunFile(this.folder, patient.now())
  }

  get config(): Resolved['config'] {
    return this.patient.resolved.config
  }

  file(...names: readonly string[]): string {
    return path.join(this.folder, ...names)
  }

  get store(): Presence {
    try {
      fs.statSync(this.file('CORESTORE'))
      return 'there'
    } catch (error) {
      const code = systemCode(error) ?? ''
      if (DENIED.includes(code)) return 'hidden'
      if (code === 'ENOENT' || code === 'ENOTDIR') return 'none'
      throw error
    }
  }

  /** Held for a moment where nobody has it, so a node that runs is not asked that way. */
  lock(): Promise<LockState> {
    this.#lock ??= this.#tryLock()
    return this.#lock
  }

  /** What the node of the store says of itself. */
  node(): Promise<NodeAnswer> {
    this.#node ??= this.#ask()
    return this.#node
  }

  /** Whether the DHT answers, asked from here. */
  dht(): Promise<DhtAnswer> {
    this.#dht ??= import('./dht.ts').then(({ askDht }) => askDht(this.config))
    return this.#dht
  }

  async #ask(): Promise<NodeAnswer> {
    // Whoever runs has the lock, whatever run.json says.
    const lock = await this.lock()
    if (lock === 'hidden')
      return { state: 'silent', why: 'its store may not be looked into', remedy: ASK_AS_OWNER }
    return lock === 'held' ? askNode(this.run, this.config) : { state: 'off' }
  }

  async #tryLock(): Promise<LockState> {
    if (this.store !== 'there') return this.store
    if (this.run.state === 'running') return 'held'
    const { tryLock } = await import('../store/lock.ts')
    const lock = await tryLock(this.folder)
    await lock?.close()
    return lock === null ? 'held' : 'free'
  }
}
