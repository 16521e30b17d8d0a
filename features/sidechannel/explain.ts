import type { Hex32 } from '../../src/base/hex.ts'
import type { Log } from '../../src/base/log.ts'
import { DROP_REASONS, type DropReason } from '../../src/base/reasons.ts'
import type { ChannelName } from './names.ts'
import type { ClockSkew } from './policy/stale.ts'
import type { SidechannelMessage } from './wire.ts'

/** The lines of `--sidechannel-debug 1`: why something was not taken or not sent (spec/sidechannel 2.9). */
export class Explainer {
  readonly #log: Log
  readonly #debug: boolean

  constructor(log: Log, debug: boolean) {
    this.#log = log
    this.#debug = debug
  }

  dropped(
    channel: ChannelName,
    neighbour: Hex32,
    reason: DropReason,
    message: SidechannelMessage | null
  ): void {
    if (!this.#debug) return
    const about = message === null ? {} : { from: message.from, id: message.id.slice(0, 100) }
    this.#log.info(`dropped: ${DROP_REASONS[reason]}`, { channel, reason, neighbour, ...about })
  }

  about(channel: ChannelName, neighbour: Hex32, what: string): void {
    if (this.#debug) this.#log.info(`${what} ${neighbour}`, { channel })
  }

  /** Of a request to open a channel, which others may have sent by the thousand: never above debug. */
  refused(channel: ChannelName, from: Hex32, reason: string): void {
    if (this.#debug) this.#log.info('a request to open a channel was refused', { channel, from, reason })
  }

  warnOfClock(skew: ClockSkew, now: number): void {
    const warning = skew.takeWarning(now)
    if (warning === null) return
    const offsetSeconds = Math.round(warning.offsetMs / 1000)
    this.#log.warn('most neighbours are far from our clock: check the time of this machine', {
      offsetSeconds
    })
  }
}
