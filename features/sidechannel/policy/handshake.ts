import type { DropReason } from '../../../src/base/reasons.ts'
import type { ChannelPolicy } from './channel-policy.ts'

/** As what a handshake counts that does not verify; null where nobody asks for it. */
export function handshakeFault(policy: ChannelPolicy, control: 'auth' | 'welcome'): DropReason | null {
  if (control === 'auth') return policy.inviteRequired ? 'uninvited' : null
  return policy.welcomeRequired ? 'welcome' : null
}
