import type Protomux from 'protomux'

/** What is used of it. */
export type Corkable = Pick<Protomux, 'cork' | 'uncork' | 'drained'>

// What Protomux takes before it has more than it should: a batch need not be larger.
const BATCH_BYTES = 16_384

/**
 * What one connection is given to carry. The first message in a turn of the event loop goes out at once, what
 * follows in the same turn together: it is encrypted, sent and read in one piece.
 */
export class Writes {
  readonly #mux: Corkable
  #busy = false
  #batch: number | null = null

  constructor(mux: Corkable) {
    this.#mux = mux
  }

  /** What `send` writes is so long. `false` once the connection has more to carry than it takes. */
  write(send: () => boolean, bytes: number): boolean {
    if (!this.#busy) {
      this.#busy = true
      setImmediate(() => {
        this.#busy = false
        this.flush()
      })
      return send()
    }
    if (this.#batch === null) {
      this.#batch = 0
      this.#mux.cork()
    }
    send()
    this.#batch += bytes
    if (this.#batch >= BATCH_BYTES) this.flush()
    return this.#mux.drained
  }

  /** Hands over what is kept for the end of the turn. */
  flush(): void {
    if (this.#batch === null) return
    this.#batch = null
    this.#mux.uncork()
  }
}
