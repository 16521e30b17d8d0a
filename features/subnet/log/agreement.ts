import type Autobase from 'autobase'
import FastForward from 'autobase/lib/fast-forward.js'
import b4a from 'b4a'
import { IntercomError, messageOf } from '../../../src/base/errors.ts'
import type { Hex32 } from '../../../src/base/hex.ts'
import type { Log } from '../../../src/base/log.ts'
import { type Comparison, compareCheckpoints, type Fixed, fixedIn } from './checkpoints.ts'

/** Noted in the database, since it is the next start that mends it. */
const NOTE = 'intercom/split'
const [YES, NO] = [b4a.from('yes'), b4a.from('no')]
/** In ms, between two attempts at what fails. */
const LONGEST_REST = 300_000

export interface AgreementOptions {
  readonly log: Log
  /** In ms, at least so long between two looks. */
  readonly interval: number
  /** The state of this peer has split off; or it has that of the indexers in its place. */
  readonly onsplit: (split: boolean) => void
  /** That, or other indexers differ than before. */
  readonly onchange: () => void
}

/**
 * Whether the state that this peer computed is the one the indexers signed. One that is not is confirmed no more,
 * and nothing else would show it.
 */
export class Agreement {
  readonly #base: Autobase
  readonly #options: AgreementOptions
  /** What the run before ended with: what a quorum has signed is then to be taken over. */
  #noted = false
  /** What is in the database by now. */
  #written = false
  #fixed: Fixed | null = null
  #timer: ReturnType<typeof setTimeout> | null = null
  /** After something has failed: it is not tried again before that. */
  #resting: ReturnType<typeof setTimeout> | null = null
  #rest: number
  #checking = false
  #closed = false
  /** Those that differed at the last look. */
  #suspects: ReadonlySet<Hex32> = new Set()
  #differing: readonly Hex32[] = []
  #split = false

  constructor(base: Autobase, options: AgreementOptions) {
    this.#base = base
    this.#options = options
    this.#rest = options.interval
    base.on('update', this.#handleUpdate)
  }

  /** A quorum of the indexers has another state. */
  get split(): boolean {
    return this.#split
  }

  /** Indexers that signed something else than this peer has, at two looks in a row. */
  get differing(): readonly Hex32[] {
    return this.#differing
  }

  async start(): Promise<void> {
    const note = await this.#base.getUserData(NOTE)
    this.#noted = note !== null && b4a.equals(note, YES)
    this.#written = this.#noted
    // It begins with the state that it ended with: what it would write until the first look could not be trusted.
    if (this.#noted) this.#enterSplit()
    this.#handleUpdate()
  }

  /** A look that is under way ends with the base. */
  close(): void {
    this.#closed = true
    this.#base.off('update', this.#handleUpdate)
    for (const timer of [this.#timer, this.#resting]) if (timer !== null) clearTimeout(timer)
  }

  /** In the middle of an update the parts of the state do not fit each other: only its end is remembered. */
  readonly #handleUpdate = (): void => {
    this.#fixed = fixedIn(this.#base)
    this.#plan()
  }

  #plan(): void {
    if (this.#timer !== null || this.#closed) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      if (this.#checking) this.#plan()
      else void this.#run()
    }, this.#options.interval)
  }

  async #run(): Promise<void> {
    this.#checking = true
    try {
      await this.#check()
    } catch (error) {
      this.#tell('cannot compare the state with that of the indexers', error)
    }
    this.#checking = false
  }

  #tell(what: string, error: unknown): void {
    if (!this.#closed && this.#base.closing === null)
      this.#options.log.error(what, { error: messageOf(error) })
  }

  async #check(): Promise<void> {
    const compared = this.#fixed === null ? null : await compareCheckpoints(this.#base, this.#fixed)
    if (compared === null || this.#closed) return
    const { differing, quorum, agreeing } = compared
    const before = this.#differing
    this.#differing = differing.filter((key) => this.#suspects.has(key))
    this.#suspects = new Set(differing)
    if (differing.length > this.#differing.length) this.#plan()
    if (before.join() !== this.#differing.join()) this.#options.onchange()
    if (this.#differing.length >= quorum) await this.#handleSplit(compared)
    else if (agreeing >= quorum) await this.#handleAgreed()
  }

  async #handleSplit({ theirs }: Comparison): Promise<void> {
    if (!this.#split) this.#enterSplit()
    if (!this.#written)
      await this.#attempt('cannot note that the state has split off, for the next start to mend it', () =>
        this.#note(true)
      )
    if (!this.#noted || theirs === null) return
    await this.#attempt('cannot take over the state of the indexers', () => takeOver(this.#base, theirs))
    this.#plan()
  }

  #enterSplit(): void {
    this.#split = true
    const { code, message, next } = splitOff()
    const indexers = this.#differing.length === 0 ? {} : { indexers: this.#differing.join(' ') }
    this.#options.log.error(message, { code, ...indexers, next })
    this.#options.onsplit(true)
    this.#options.onchange()
  }

  async #handleAgreed(): Promise<void> {
    this.#noted = false
    if (this.#split) {
      this.#split = false
      this.#options.log.info('the state of this peer is the one that the indexers have signed again')
      this.#options.onsplit(false)
      this.#options.onchange()
    }
    if (this.#written)
      await this.#attempt('cannot note that the state has split off no longer', () => this.#note(false))
  }

  async #note(split: boolean): Promise<void> {
    await this.#base.setUserData(NOTE, split ? YES : NO)
    this.#written = split
  }

  /** What fails is tried again, each time later. */
  async #attempt(failure: string, work: () => Promise<void>): Promise<void> {
    if (this.#resting !== null || this.#closed) return
    try {
      await work()
      this.#rest = this.#options.interval
    } catch (error) {
      this.#tell(failure, error)
      this.#resting = setTimeout(() => {
        this.#resting = null
        this.#plan()
      }, this.#rest)
      this.#rest = Math.min(2 * this.#rest, LONGEST_REST)
    }
  }
}

/** Needs neighbours who have it; without them it comes to nothing. */
async function takeOver(base: Autobase, key: Uint8Array): Promise<void> {
  if (base.core.key !== null && b4a.equals(base.core.key, key)) await base.forceFastForward()
  else {
    // The indexers have changed since, and each time the state goes on in other cores, which depend on what is in it.
    await base._runFastForward(new FastForward(base, key, { verified: false, force: true }))
    await base.update()
  }
  // It has blocks of other cores in memory, and believes them to be of this one.
  base.view._ontruncate(0)
}

export function splitOff(): IntercomError {
  return new IntercomError(
    'state_split',
    'The state of this peer is not the one that the indexers have signed.'
  )
}
