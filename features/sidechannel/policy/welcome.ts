import type { ChannelPolicy } from './channel-policy.ts'

/** `welcomed`: a welcome signed by the channel's owner was verified. The owner needs none. */
export function isWelcomed(policy: ChannelPolicy, self: string, welcomed: boolean): boolean {
  return !policy.welcomeRequired || welcomed || policy.owner === self
}
