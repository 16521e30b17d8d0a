import process from '#process'
import type { Log } from '../base/log.ts'
import { Disk } from './disk.ts'
import { EventLoopLag } from './lag.ts'
import type { Metrics } from './registry.ts'

export interface VitalsOptions {
  readonly metrics: Metrics
  readonly folder: string
  readonly log: Log
}

/** What is looked at all the time, or costs something to look at. Only once somebody may ask: see `watch`. */
export class Vitals {
  readonly lag: EventLoopLag
  readonly disk: Disk
  #watched = false

  constructor({ metrics, folder, log }: VitalsOptions) {
    const monotonic = () => process.uptime() * 1000
    this.lag = new EventLoopLag(metrics.histogram('event_loop_lag_seconds'), monotonic)
    this.disk = new Disk({ folder, monotonic, log })
  }

  get watched(): boolean {
    return this.#watched
  }

  /** From now on; may be called by several. */
  watch(): void {
    if (this.#watched) return
    this.#watched = true
    this.lag.start()
    void this.disk.look()
  }

  close(): void {
    this.lag.stop()
  }
}
