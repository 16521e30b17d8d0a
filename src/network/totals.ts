import type { ByteCounts, Neighbour } from './protocols.ts'

export interface NetworkTotals {
  /** Connections made and ended; of one peer there may be two for a moment. */
  readonly opened: number
  readonly closed: number
  readonly bytes: ByteCounts
}

/** Sums over all connections there ever were. */
export class Totals {
  readonly #open = new Set<Pick<Neighbour, 'bytes'>>()
  #opened = 0
  #closed = 0
  #gone: ByteCounts = { in: 0, out: 0 }

  opened(neighbour: Pick<Neighbour, 'bytes'>): void {
    this.#open.add(neighbour)
    this.#opened++
  }

  closed(neighbour: Pick<Neighbour, 'bytes'>): void {
    if (!this.#open.delete(neighbour)) return
    this.#gone = plus(this.#gone, neighbour.bytes())
    this.#closed++
  }

  read(): NetworkTotals {
    const bytes = [...this.#open].reduce((sum, neighbour) => plus(sum, neighbour.bytes()), this.#gone)
    return { opened: this.#opened, closed: this.#closed, bytes }
  }
}

function plus(a: ByteCounts, b: ByteCounts): ByteCounts {
  return { in: a.in + b.in, out: a.out + b.out }
}
