import type { ChannelPolicy } from './channel-policy.ts'

/** That `author` is who it says is for the check of the signature to find out. */
export function mayWrite(policy: ChannelPolicy, author: string): boolean {
  return !policy.ownerWriteOnly || author === policy.owner
}
