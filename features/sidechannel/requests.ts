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

export type RequestFault = 'name' | 'entry' | 'welcome' | 'invite'

export interface RequestContext {
  /** The rules of the channel that is asked for. */
  readonly policy: ChannelPolicy
  readonly self: Hex32
  readonly neighbour: Hex32
  readonly from: Hex32
  readonly now: number
}

/** The request, checked, or what is wrong with it. */
export function checkRequest(
  control: Extract<Control, { control: 'open_channel' }>,
  channel: ChannelName,
  context: RequestContext
): OpenRequest | RequestFault {
  const { policy, self, neighbour, from, now } = context
  const embedded = parseInvite(control.invite)?.welcome
  const welcome = [control.welcome, embedded].find((value) => verifyWelcome(value, channel, policy.owner).ok)
  if (policy.welcomeRequired && welcome === undefined) return 'welcome'

  const verify = (presenter: Hex32) =>
    verifyInvite(control.invite, { channel, presenter, inviters: policy.inviters, now })
  const ours = verify(self)
  if (policy.inviteRequired && !ours.ok && !policy.inviters.has(neighbour) && !verify(neighbour).ok)
    return 'invite'
  const verified = welcome === undefined ? null : verifyWelcome(welcome, channel, policy.owner)
  return {
    ...{ channel, from, at: now },
    welcome: verified?.ok ? verified.welcome : null,
    invite: ours.ok ? ours.invite : null
  }
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
