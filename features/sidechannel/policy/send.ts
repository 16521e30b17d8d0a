import type { SendRefusal } from '../../../src/base/reasons.ts'
import type { ChannelPolicy } from './channel-policy.ts'
import { mayWrite } from './owner-only.ts'
import { isAuthorised } from './uninvited.ts'

/** Why we may not write into a channel, before any work is done for it; null when we may. */
export function refusalToSend(
  policy: ChannelPolicy,
  self: string,
  selfInvitedUntil: number,
  now: number
): Extract<SendRefusal, 'uninvited' | 'owner_only'> | null {
  if (!isAuthorised(policy, self, selfInvitedUntil, now)) return 'uninvited'
  return mayWrite(policy, self) ? null : 'owner_only'
}
