import type Autobase from 'autobase'
import type { Download } from 'corestore'

/**
 * Fetches all of the state that was signed. Whoever takes it over from others reads only what is asked for, and
 * would have nothing to read, or to hand on, once they are away.
 */
export class Keeper {
  readonly #base: Autobase
  #downloads: readonly Download[] = []

  constructor(base: Autobase) {
    this.#base = base
    this.#start()
    // The state goes on in other cores when it is taken over, or when the indexers change.
    base.on('fast-forward', this.#start)
    base.on('reboot', this.#start)
  }

  close(): void {
    this.#base.off('fast-forward', this.#start)
    this.#base.off('reboot', this.#start)
    this.#stop()
  }

  readonly #start = (): void => {
    this.#stop()
    const { view, core } = this.#base
    this.#downloads = [view.core, core].map((part) => part.download({ start: 0, end: -1 }))
  }

  #stop(): void {
    for (const download of this.#downloads) download.destroy()
    this.#downloads = []
  }
}
