import { type ChannelName, channelName } from './names.ts'
import type { SidechannelMessage } from './wire.ts'

/** What a control message asks (spec/sidechannel 1.6). Invites and welcomes are still to be verified. */
export type Control =
  | { readonly control: 'auth'; readonly invite: unknown }
  | { readonly control: 'welcome'; readonly welcome: unknown }
  | {
      readonly control: 'open_channel'
      /** Null when it is no channel's name: such a request is refused. */
      readonly channel: ChannelName | null
      readonly invite: unknown
      readonly welcome: unknown
    }

/**
 * Total: null for an ordinary message. One with a `control` of another kind is ordinary too: agents use that
 * word in messages of their own.
 */
export function controlOf(message: SidechannelMessage): Control | null {
  const body = message.message
  if (typeof body !== 'object' || body === null) return null
  const { control, channel, invite, welcome } = body as Record<string, unknown>
  switch (control) {
    case 'auth':
      return { control, invite }
    case 'welcome':
      return { control, welcome }
    case 'open_channel':
      return { control, channel: channelName(channel), invite, welcome }
    default:
      return null
  }
}

/** `auth` and `welcome` open the door themselves: they pass where others wait, and are never relayed. */
export function isHandshake(control: Control | null): boolean {
  return control?.control === 'auth' || control?.control === 'welcome'
}
