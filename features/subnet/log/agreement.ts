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
  #fixed: Fixed | null = null
  #timer: ReturnType<typeof setTimeout> | null = null
  #checking = false
  #closed = false
  /** Those that differed at the last look. */
  #suspects: ReadonlySet<Hex32> = new Set()
  #differing: readonly Hex32[] = []
  #split = false

  constructor(base: Autobase, options: AgreementOptions) {
    this.#base = base
    this.#options = options
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
    this.#handleUpdate()
  }

  /** A look that is under way ends with the base. */
  close(): void {
    this.#closed = true
    this.#base.off('update', this.#handleUpdate)
    if (this.#timer !== null) clearTimeout(this.#timer)
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
      if (!this.#closed && this.#base.closing === null)
        this.#options.log.error('cannot compare the state with that of the indexers', {
          error: messageOf(error)
        })
    }
    this.#checking = false
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
    else if (agreeing >= quorum && (this.#split || this.#noted)) await this.#handleAgreed()
  }

  async #handleSplit({ theirs }: Comparison): Promise<void> {
    if (!this.#split) {
      this.#split = true
      const { code, message, next } = splitOff()
      this.#options.log.error(message, { code, indexers: this.#differing.join(' '), next })
      await this.#base.setUserData(NOTE, YES)
      this.#options.onsplit(true)
      this.#options.onchange()
    }
    if (!this.#noted || theirs === null) return
    try {
      await takeOver(this.#base, theirs)
    } finally {
      this.#plan()
    }
  }

  async #handleAgreed(): Promise<void> {
    this.#noted = false
    await this.#base.setUserData(NOTE, NO)
    if (!this.#split) return
    this.#split = false
    this.#options.log.info('the state of this peer is the one that the indexers have signed again')
    this.#options.onsplit(false)
    this.#options.onchange()
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
