import type { Access } from '../../src/access/tokens.ts'
import { channelName } from '../../src/base/channel-name.ts'
import type { CheckedRequest } from '../../src/bridge/parse.ts'
import {
  CAPABILITIES,
  type Capability,
  isSubnetRequest,
  REQUESTS,
  type RequestType
} from '../../src/bridge/protocol.ts'
import type { ErrorReply } from '../../src/bridge/types.ts'
import { refusal } from './refusals.ts'

export interface PermissionRules {
  readonly allowsCli: boolean
  readonly entryChannel: string
}

/** Fields of requests that say what they are about. */
interface About {
  readonly channel?: string | undefined
  readonly channels?: readonly string[] | undefined
  readonly via?: string | undefined
  readonly message?: unknown
}

/** Whether requests of this type are for this token at all; null when they are. */
export function forbiddenType(type: RequestType, access: Access, rules: PermissionRules): ErrorReply | null {
  if (type === 'cli' && !rules.allowsCli) return refusal('disabled', 'CLI over WS is disabled.')
  const { needs } = REQUESTS[type]
  if (needs !== null && !access.capabilities.has(needs)) return lacks(type, needs)
  if (access.channels === null) return null
  if (type === 'cli') return refusal('forbidden', 'This token may not cli: it is for some channels only.')
  if (isSubnetRequest(type))
    return refusal('forbidden', 'This token may not use the subnet: it is for some channels only.')
  return null
}

/** Whether this one is: it names no channel that the token is not for. */
export function forbidden(
  { type, fields }: CheckedRequest,
  access: Access,
  rules: PermissionRules
): ErrorReply | null {
  const about = fields as About
  const opened = type === 'send' ? openedBy(about.message) : null
  if (opened !== null && !access.capabilities.has('join')) return lacks('open', 'join')
  const { channels } = access
  if (channels === null) return null
  const names = [...namesIn(about), ...(opened === null ? [] : [opened.channel])]
  if (type === 'open') names.push(about.via ?? rules.entryChannel)
  const isOther = names.some((name) => !channels.has(name))
  return isOther ? refusal('forbidden', 'This token is for other channels.') : null
}

export function namesIn({ channel, channels }: About): string[] {
  return [...(channel === undefined ? [] : [channel]), ...(channels ?? [])]
}

/** A request to open a channel is one too when it is sent as a message (spec/sidechannel 1.6). */
function openedBy(message: unknown): { readonly channel: string } | null {
  if (typeof message !== 'object' || message === null) return null
  const { control, channel } = message as { control?: unknown; channel?: unknown }
  return control === 'open_channel' ? { channel: channelName(channel) ?? '' } : null
}

function lacks(what: RequestType, needs: Capability): ErrorReply {
  return refusal('forbidden', `This token may not ${what}: it lacks "${needs}" (${CAPABILITIES[needs]}).`)
}
