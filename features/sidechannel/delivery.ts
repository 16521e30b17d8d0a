import { messageOf } from '../../src/base/errors.ts'
import type { Hex32 } from '../../src/base/hex.ts'
import type { Log } from '../../src/base/log.ts'
import type { DropReason } from '../../src/base/reasons.ts'
import type { Session } from '../../src/network/protocols.ts'
import type { Channel } from './channel.ts'
import type { Explainer } from './explain.ts'
import type { Links } from './links.ts'
import { OUTBOX_LIMITS, type Outgoing, type Priority, type Pushed } from './outbox.ts'
import type { Sequence } from './sequence.ts'
import type { SidechannelMessage } from './wire.ts'

/** What may wait for our proof on one session; what the outbox holds comes on top. */
export const PROVING_LIMITS = { messages: 1000, bytes: OUTBOX_LIMITS.bytes } as const

export interface DeliveryOptions {
  readonly links: Links
  /** In which our proofs are made and sent. */
  readonly controls: Sequence
  readonly explain: Explainer
  readonly log: Log
  readonly now: () => number
  ondrop(channel: Channel, reason: DropReason): void
}

/** Brings frames to the neighbours that may have them, or says that there is no room. */
export class Delivery {
  readonly #options: DeliveryOptions

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  mayHave(channel: Channel, neighbour: Hex32): boolean {
    if (channel.isAuthorised(neighbour, this.#options.now())) return true
    this.#options.explain.about(channel.policy.channel, neighbour, 'skip (unauthorized)')
    return false
  }

  /** A payload goes behind the proof that is on its way, and behind what waits for it already. */
  payload(
    channel: Channel,
    message: SidechannelMessage,
    session: Session,
    frame: Uint8Array,
    priority: Priority
  ): Pushed {
    if (!session.open) return 'gone'
    const { now, controls, log } = this.#options
    const mayGo = () => channel.isAuthorised(session.neighbour.key, now())
    const onlost = () => this.#lost(channel, message, session, 'uninvited')
    const push = () => this.push(channel, message, { session, frame, mayGo, onlost }, priority)
    const waiting = channel.provingOf(session)
    if (waiting === null) return push()
    const size = frame.byteLength
    if (waiting.messages >= PROVING_LIMITS.messages || waiting.bytes + size > PROVING_LIMITS.bytes)
      return this.#full(channel, message, session)
    channel.proving(session, size)
    controls
      .run(async () => {
        channel.proven(session, size)
        push()
      })
      .catch((error: unknown) => {
        log.error('a message that waited was not sent', { error: messageOf(error) })
      })
    return 'queued'
  }

  push(channel: Channel, message: SidechannelMessage, outgoing: Outgoing, priority: Priority): Pushed {
    const { session } = outgoing
    if (!session.open) return 'gone'
    const outcome = this.#options.links.of(session.neighbour).outbox.push(outgoing, priority)
    return outcome === 'full' ? this.#full(channel, message, session) : outcome
  }

  #full(channel: Channel, message: SidechannelMessage, session: Session): 'full' {
    this.#lost(channel, message, session, 'queue')
    return 'full'
  }

  #lost(channel: Channel, message: SidechannelMessage, { neighbour }: Session, reason: DropReason): void {
    channel.drops.add(reason)
    this.#options.explain.dropped(channel.policy.channel, neighbour.key, reason, message)
    this.#options.ondrop(channel, reason)
  }
}
