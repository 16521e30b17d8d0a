import type Autobase from 'autobase'
import type { WriterHint } from 'autobase'
import b4a from 'b4a'
import { type Hex32, hex32 } from '../../../src/base/hex.ts'

/** More than that of one neighbour at a time are not looked at. */
const MOST_HINTS = 256
/** Writers that are not known yet may become so with what is applied next. */
const MOST_UNKNOWN = 64

/**
 * Hints of neighbours that a log has grown, and so must be asked for. Autobase makes a core of each key that it is
 * told of, for ever, and tells its own neighbours: so only writers of the subnet get there.
 */
export class Hints {
  readonly #base: Autobase
  readonly #pass: (hints: readonly WriterHint[]) => void
  readonly #isMember: (key: Hex32) => Promise<boolean>
  #waiting = new Map<Hex32, WriterHint>()
  #running = false
  #again = false

  constructor(base: Autobase, isMember: (key: Hex32) => Promise<boolean>) {
    this.#base = base
    this.#isMember = isMember
    this.#pass = base.hintWakeup.bind(base)
    base.hintWakeup = (hints) => this.#handle([hints].flat())
    base.on('update', () => this.#look())
  }

  #handle(hints: readonly WriterHint[]): void {
    for (const hint of hints.slice(0, MOST_HINTS)) {
      const key = hex32(hint.key)
      const before = this.#waiting.get(key)
      if (before !== undefined && before.length > hint.length) continue
      // Set anew, so that those that wait longest come first.
      this.#waiting.delete(key)
      this.#waiting.set(key, hint)
    }
    this.#look()
  }

  #look(): void {
    this.#again = this.#waiting.size > 0
    if (!this.#running) void this.#run()
  }

  async #run(): Promise<void> {
    this.#running = true
    while (this.#again && this.#base.closing === null) {
      this.#again = false
      const hints = [...this.#waiting]
      const known: WriterHint[] = []
      for (const [key, hint] of hints) {
        if (!(await this.#knows(key))) continue
        known.push(hint)
        if (this.#waiting.get(key) === hint) this.#waiting.delete(key)
      }
      this.#forget()
      if (known.length > 0 && this.#base.closing === null) this.#pass(known)
    }
    this.#running = false
  }

  async #knows(key: Hex32): Promise<boolean> {
    try {
      return b4a.toString(this.#base.key, 'hex') === key || (await this.#isMember(key))
    } catch {
      // It could not be read: the next hint, or the next batch, comes to it again.
      return false
    }
  }

  #forget(): void {
    for (const key of this.#waiting.keys()) {
      if (this.#waiting.size <= MOST_UNKNOWN) return
      this.#waiting.delete(key)
    }
  }
}
