import type { Hex32 } from '../../src/base/hex.ts'
import type { Control } from './control.ts'
import { type Invite, parseInvite, verifyInvite, verifyWelcome, type Welcome } from './grants.ts'
import type { ChannelName } from './names.ts'
import type { ChannelPolicy } from './policy/channel-policy.ts'

/** Requests and automatic joins that others can cause (spec/sidechannel 1.7). */
export const REQUEST_LIMITS = { pending: 100, autoJoinsPerNeighbour: 20 } as const

/** Somebody asks us to open a channel. */
export interface OpenRequest {
  readonly channel: ChannelName
  readonly from: Hex32
  readonly at: number
  /** Verified; null where no owner is known and none is demanded. */
  readonly welcome: Welcome | null
  /** Verified to be for us. */
  readonly invite: Invite | null
}

export type RequestFault = 'welcome' | 'invite'

export interface RequestContext {
  /** The rules of the channel that is asked for. */
  readonly policy: ChannelPolicy
  readonly self: Hex32
  readonly neighbour: Hex32
  readonly from: Hex32
  /** `from` is proven to have asked. */
  readonly verified: boolean
  readonly now: number
}

/** The request, checked, or what is wrong with it. */
export function checkRequest(
  control: Extract<Control, { control: 'open_channel' }>,
  channel: ChannelName,
  context: RequestContext
): OpenRequest | RequestFault {
  const { policy, self, neighbour, from, verified, now } = context
  const welcome = verifiedWelcome(control, policy)
  if (policy.welcomeRequired && welcome === null) return 'welcome'

  const verify = (presenter: Hex32) =>
    verifyInvite(control.invite, { channel, presenter, inviters: policy.inviters, now })
  const ours = verify(self)
  // Who asks may show an invite of its own, or need none; who only passes it on vouches for nothing.
  const askers = verified ? [neighbour, from] : [neighbour]
  const byInviter = policy.inviters.has(from) && (verified || neighbour === from)
  const allowed = ours.ok || byInviter || askers.some((key) => verify(key).ok)
  if (policy.inviteRequired && !allowed) return 'invite'
  return { channel, from, at: now, welcome, invite: ours.ok ? ours.invite : null }
}

/** What a request brings along of the owner's, by itself or within the invite. */
export function verifiedWelcome(
  control: Extract<Control, { control: 'open_channel' }>,
  policy: ChannelPolicy
): Welcome | null {
  for (const value of [control.welcome, parseInvite(control.invite)?.welcome]) {
    const verdict = verifyWelcome(value, policy.channel, policy.owner)
    if (verdict.ok) return verdict.welcome
  }
  return null
}

/** The requests that wait for somebody to accept them, the newest of a channel, bounded. */
export class PendingRequests {
  readonly #requests = new Map<ChannelName, OpenRequest>()
  readonly #autoJoins = new Map<Hex32, number>()

  /** `false` when it was known already, or there is no room. */
  add(request: OpenRequest): boolean {
    const known = this.#requests.has(request.channel)
    if (!known && this.#requests.size >= REQUEST_LIMITS.pending) return false
    this.#requests.set(request.channel, request)
    return !known
  }

  take(channel: ChannelName): OpenRequest | null {
    const request = this.#requests.get(channel) ?? null
    this.#requests.delete(channel)
    return request
  }

  list(): OpenRequest[] {
    return [...this.#requests.values()]
  }

  /** Counts one automatic join against the neighbour that caused it; `false` when it has had its share. */
  allowAutoJoin(neighbour: Hex32): boolean {
    const joins = this.#autoJoins.get(neighbour) ?? 0
    if (joins >= REQUEST_LIMITS.autoJoinsPerNeighbour) return false
    this.#autoJoins.set(neighbour, joins + 1)
    // Keys are free to make, so what is remembered of them is bounded too.
    if (this.#autoJoins.size > 1024) this.#autoJoins.delete(this.#autoJoins.keys().next().value as Hex32)
    return true
  }
}
