import Protomux, { type Frame } from 'protomux'
import { TokenBucket } from '../base/bucket.ts'

/** What one connection may ask to open: far more than there are channels to share. */
const OPENS = { perSecond: 4, burst: 4096 } as const

/**
 * Protomux as it is, but for what a hostile neighbour could do with it. Each request to open something is
 * answered and remembered, however many there are; and batches may nest until the stack is full, which ends
 * the process.
 */
export class GuardedMux extends Protomux {
  readonly #opens = new TokenBucket(OPENS.perSecond, OPENS.burst, Date.now())
  #inBatch = false

  // A plain error ends the connection and nothing else.
  protected override _onopensession(frame: Frame): unknown {
    if (!this.#opens.take(1, Date.now())) throw new Error('the neighbour asks to open too much')
    return super._onopensession(frame)
  }

  protected override _onbatch(frame: Frame): void {
    if (this.#inBatch) throw new Error('a batch within a batch')
    this.#inBatch = true
    try {
      super._onbatch(frame)
    } finally {
      this.#inBatch = false
    }
  }
}
