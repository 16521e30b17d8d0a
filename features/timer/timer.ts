import { Feature, type FeatureHost } from '../../src/app/feature.ts'

const MINUTE = 60_000

export interface TimerOptions {
  /** Each time is a block of the log, for ever. */
  readonly update_interval?: number
  readonly now: () => number
}

/** Tells the contract the time, which has no clock of its own: the key `currentTime`, by the admin's clock. */
export class Timer extends Feature {
  readonly #interval: number
  readonly #now: () => number
  /** Another one for each start, so that a run that was stopped never goes on. */
  #run: object | null = null

  constructor(peer: FeatureHost, { update_interval = MINUTE, now }: TimerOptions) {
    super(peer)
    this.#interval = update_interval
    this.#now = now
  }

  override async start(): Promise<void> {
    const run = {}
    this.#run = run
    while (this.#run === run) {
      await this.append('currentTime', this.#now())
      await this.sleep(this.#interval)
    }
  }

  override async stop(): Promise<void> {
    this.#run = null
  }
}
