import { type Invite, verifyInvite } from '../grants.ts'
import type { ChannelPolicy } from './channel-policy.ts'

/** Whether payloads of a channel may be sent to a key, and are taken from it. */
export function isAuthorised(policy: ChannelPolicy, key: string, invitedUntil: number, now: number): boolean {
  return !policy.inviteRequired || policy.inviters.has(key) || now < invitedUntil
}

export interface Presented {
  readonly policy: ChannelPolicy
  readonly self: string
  /** When our own invite runs out; 0 without one. */
  readonly selfInvitedUntil: number
  /** The neighbour's transport key. */
  readonly neighbour: string
  /** When the neighbour's invite runs out; 0 without one. */
  readonly invitedUntil: number
  /** What the message brings along. */
  readonly invite: unknown
  readonly now: number
}

export type Invited = { readonly ok: true; readonly invite: Invite | null } | { readonly ok: false }

/** `invite` in the answer is one that was just proven: the neighbour is authorised until it expires. */
export function checkInvited(presented: Presented): Invited {
  const { policy, self, selfInvitedUntil, neighbour, invitedUntil, invite, now } = presented
  if (!isAuthorised(policy, self, selfInvitedUntil, now)) return { ok: false }
  if (isAuthorised(policy, neighbour, invitedUntil, now)) return { ok: true, invite: null }
  if (invite === undefined) return { ok: false }
  const { channel, inviters } = policy
  const verdict = verifyInvite(invite, { channel, inviters, presenter: neighbour, now })
  return verdict.ok ? verdict : { ok: false }
}
