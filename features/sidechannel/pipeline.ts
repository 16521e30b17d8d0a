import type { Hex32 } from '../../src/base/hex.ts'
import type { DropCounter, DropReason } from '../../src/base/reasons.ts'
import { SeenSet } from '../../src/base/seen.ts'
import { type Control, controlOf, isHandshake } from './control.ts'
import type { Invite } from './grants.ts'
import { namesChannel } from './policy/channel.ts'
import type { ChannelPolicy } from './policy/channel-policy.ts'
import { isDuplicate, isForgotten, remember } from './policy/duplicate.ts'
import { mayWrite } from './policy/owner-only.ts'
import type { ConnectionRate } from './policy/rate.ts'
import { checkShape } from './policy/shape.ts'
import { isDirect, type Proof, proofOf } from './policy/signature.ts'
import { isTooLarge } from './policy/size.ts'
import { ClockSkew, isStale } from './policy/stale.ts'
import { checkInvited } from './policy/uninvited.ts'
import { isWelcomed } from './policy/welcome.ts'
import { checkPow } from './pow.ts'
import { decodeMessage, jsonBytes, type SidechannelMessage } from './wire.ts'

export interface PipelineOptions {
  readonly self: Hex32
  readonly maxBytes: number
  /** 0 turns the check off. */
  readonly maxSkewMs: number
  readonly allowUnsigned: boolean
}

/** One connection; kept by whoever handles connections. */
export interface Neighbour {
  /** The key that Noise authenticated. */
  readonly key: Hex32
  readonly rate: ConnectionRate
}

/** One channel that we joined; kept by whoever handles channels, who changes `welcomed` and the like. */
export interface ChannelState {
  readonly policy: ChannelPolicy
  readonly drops: DropCounter
  /** A welcome of the owner was verified. */
  readonly welcomed: boolean
  /** When our own invite runs out; 0 without one. */
  readonly invitedUntil: number
}

export interface Arrival {
  readonly frame: Uint8Array
  readonly channel: ChannelState
  readonly neighbour: Neighbour
  /** When the neighbour's invite to this channel runs out; 0 without one. */
  readonly invitedUntil: number
  readonly now: number
}

export interface Accepted {
  readonly ok: true
  readonly message: SidechannelMessage
  readonly control: Control | null
  readonly proof: Proof
  /** An invite that came along and was proven: authorise the neighbour until it expires. */
  readonly invite: Invite | null
}

export interface Dropped {
  readonly ok: false
  readonly reason: DropReason
  /** For the one line of a debug log; null when it could not be read that far. */
  readonly message: SidechannelMessage | null
}

export type Verdict = Accepted | Dropped

type Passed = Omit<Accepted, 'ok' | 'message'>

/**
 * What becomes of a frame: the policies in the order of spec/sidechannel 2.2, the first that fails being
 * the reason. Pure but for what it is there to keep: ids seen, budgets, drop counts, the clock's skew.
 *
 * One per node. For each Protomux message call `check`; it never throws. When it accepts, act on `control`
 * (its invites and welcomes are not verified yet), hand ordinary messages out and pass on `relayCopy`.
 */
export class Pipeline {
  readonly skew: ClockSkew
  readonly seen: SeenSet
  readonly #options: PipelineOptions

  constructor(options: PipelineOptions) {
    this.#options = options
    this.skew = new ClockSkew(options.maxSkewMs)
    this.seen = new SeenSet({ windowMs: options.maxSkewMs })
  }

  check(arrival: Arrival): Verdict {
    const early = this.#checkFrame(arrival)
    const message = early === null ? checkShape(decodeMessage(arrival.frame)) : null
    if (early === null && message === null) arrival.neighbour.rate.handleMalformed(arrival.now)
    const outcome = early ?? (message === null ? 'shape' : this.#checkMessage(message, arrival))
    if (typeof outcome === 'string') {
      arrival.channel.drops.add(outcome)
      return { ok: false, reason: outcome, message }
    }
    return { ok: true, message: message as SidechannelMessage, ...outcome }
  }

  #checkFrame({ frame, neighbour, now }: Arrival): DropReason | null {
    if (neighbour.rate.isBlocked(now)) return 'blocked'
    if (!neighbour.rate.admitFrame(frame.byteLength, now)) return 'rate'
    return isTooLarge(jsonBytes(frame), this.#options.maxBytes) ? 'size' : null
  }

  #checkMessage(message: SidechannelMessage, arrival: Arrival): DropReason | Passed {
    const { channel, neighbour, now } = arrival
    const { policy } = channel
    const { self, maxSkewMs, allowUnsigned } = this.#options
    const own = message.from === neighbour.key
    const bytes = jsonBytes(arrival.frame)

    if (!namesChannel(message, policy.channel)) return 'channel'
    const { rate } = neighbour
    if (!(own ? rate.admitOwn(bytes, now) : rate.admitRelayed(message.from, bytes, now))) return 'rate'
    if (isDirect(message, neighbour.key)) this.skew.observe(neighbour.key, message.ts, now)
    if (isStale(message.ts, now, maxSkewMs)) return 'stale'
    const control = controlOf(message)
    // Handshakes are sent once and do no harm twice: after a restart they must not be lost.
    if (!isHandshake(control) && isForgotten(this.seen, message, now)) return 'stale'
    // What we wrote comes back over others.
    if (message.from === self || isDuplicate(this.seen, message, 'signed', now)) return 'duplicate'

    let invite: Invite | null = null
    if (!isHandshake(control)) {
      const invited = checkInvited({
        ...{ policy, self, selfInvitedUntil: channel.invitedUntil, now },
        ...{ neighbour: neighbour.key, invitedUntil: arrival.invitedUntil, invite: message.invite }
      })
      if (!invited.ok) return 'uninvited'
      invite = invited.invite
      if (!mayWrite(policy, message.from)) return 'owner_only'
      if (!isWelcomed(policy, self, channel.welcomed)) return 'welcome'
    }

    if (!checkPow(message, policy.powBits)) return 'pow'
    const proof = proofOf(message, neighbour.key)
    // A wrong signature is worse than none; and where only the owner may write, an unproven owner is nobody.
    const mayBeUnproven = allowUnsigned && message.sig === undefined && !policy.ownerWriteOnly
    if (proof === 'none' && !mayBeUnproven) return 'signature'
    if (proof === 'none' && isDuplicate(this.seen, message, proof, now)) return 'duplicate'
    remember(this.seen, message, proof, now)
    return { control, proof, invite }
  }
}
