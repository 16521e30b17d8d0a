import type Autobase from 'autobase'
import type { Download } from 'corestore'

/** What somebody waits for comes first: this is as much as the whole state. */
const DELAY_MS = 1000

/**
 * Fetches all of the state that was signed. Whoever takes it over from others reads only what is asked for, and
 * would have nothing to read, or to hand on, once they are away.
 */
export class Keeper {
  readonly #base: Autobase
  #downloads: readonly Download[] = []
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(base: Autobase) {
    this.#base = base
    this.#plan()
    // The state goes on in other cores when it is taken over, or when the indexers change.
    base.on('fast-forward', this.#plan)
    base.on('reboot', this.#plan)
  }

  close(): void {
    this.#base.off('fast-forward', this.#plan)
    this.#base.off('reboot', this.#plan)
    this.#stop()
  }

  readonly #plan = (): void => {
    this.#stop()
    this.#timer = setTimeout(() => this.#start(), DELAY_MS)
  }

  #start(): void {
    // It comes to an end, and with it the plan for what it has taken over.
    if (this.#base.isFastForwarding()) {
      this.#plan()
      return
    }
    const { view, core } = this.#base
    this.#downloads = [view.core, core].map((part) => part.download({ start: 0, end: -1 }))
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    for (const download of this.#downloads) download.destroy()
    this.#downloads = []
  }
}
