import type Autobase from 'autobase'
import { messageOf } from '../../../src/base/errors.ts'
import type { Log } from '../../../src/base/log.ts'
import type { Applied } from '../engine/events.ts'
import { changedSince } from '../reading/jump.ts'

/** Tells what was applied as soon as it is to be read in the view, whether it was applied here or taken over. */
export class News {
  readonly #base: Autobase
  readonly #log: Log
  readonly #tell: (applied: Applied) => void
  #waiting: Applied[] = []
  #jumped = false
  /** Of the view, as it was told last. */
  #toldLength = 0

  constructor(base: Autobase, options: { readonly log: Log; readonly tell: (applied: Applied) => void }) {
    this.#base = base
    this.#log = options.log
    this.#tell = options.tell
    base.on('update', () => this.#handleUpdate())
    base.on('fast-forward', () => {
      this.#jumped = true
    })
  }

  /** What was there before is no news. */
  start(): void {
    this.#toldLength = this.#base.view.core.length
  }

  add(applied: Applied): void {
    this.#waiting.push(applied)
  }

  #handleUpdate(): void {
    const batches = this.#waiting
    this.#waiting = []
    const before = this.#toldLength
    this.start()
    for (const applied of batches) this.#tell(applied)
    if (!this.#jumped) return
    this.#jumped = false
    void this.#tellJump(before)
  }

  /** What the indexers had signed was taken over without applying it here: the view says what is new in it. */
  async #tellJump(before: number): Promise<void> {
    try {
      const jump = await changedSince(this.#base.view, before)
      this.#tell({ operations: [], ...jump })
    } catch (error) {
      if (this.#base.closing === null)
        this.#log.error('cannot tell what changed', { error: messageOf(error) })
    }
  }
}
