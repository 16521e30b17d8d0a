import type { Hex32 } from '../../src/base/hex.ts'
import { tokenText } from '../../src/base/token-text.ts'
import { commandWord } from '../../src/commands/parse.ts'
import type { Config, FlagKey } from '../../src/config/flags.ts'
import {
  changedFlags,
  type Flag,
  flagWords,
  networkFlags,
  startCommand
} from '../../src/config/start-command.ts'
import type { Invite, Welcome } from './grants.ts'
import type { ChannelName } from './names.ts'
import type { ChannelPolicy } from './policy/channel-policy.ts'

/** What somebody who is to take part in a channel has to know of it. */
export interface Invitation {
  readonly config: Config
  readonly policy: ChannelPolicy
  readonly welcome: Welcome | null
  /** Whose invites count there; null where none are needed. */
  readonly inviters: readonly string[] | null
  /** Made out to whoever is to start the peer. */
  readonly invite?: Invite
}

/** The rules that both ends must share: copied where they are not the default. */
const SHARED = [
  'sidechannelWelcomeRequired',
  'sidechannelPow',
  'sidechannelPowDifficulty',
  'sidechannelPowEntry',
  'sidechannelPowChannels',
  'sidechannelMaxBytes',
  'sidechannelRateBytes',
  'sidechannelRateBurst'
] as const satisfies readonly FlagKey[]

/** One line for a shell that starts a peer on the same network, in the channel, under the same rules. */
export function joinerCommand(invitation: Invitation): string {
  return startCommand(joinerFlags(invitation))
}

/** What makes a channel invite-only, as it is typed. */
export function inviteFlags(channel: ChannelName, inviters: readonly string[]): string {
  return flagWords([
    ['sidechannelInviteRequired', '1'],
    ['sidechannelInviteChannels', channel],
    ['sidechannelInviterKeys', inviters.join(',')]
  ])
}

/** Whether a flag can name the channel with something that belongs to it. */
export function isPairable(channel: ChannelName): boolean {
  return !/[,:]/.test(channel)
}

function joinerFlags({ config, policy, welcome, inviters, invite }: Invitation): Flag[] {
  const { channel, owner } = policy
  const flags: Flag[] = networkFlags(config)
  // A list of names has no way to write a comma, and a welcome none to write a colon in a name: there the
  // command to join says it.
  if (!channel.includes(',')) {
    flags.push(['sidechannels', channel])
    if (owner !== null) flags.push(['sidechannelOwner', `${channel}:${owner}`])
    if (welcome !== null && isPairable(channel))
      flags.push(['sidechannelWelcome', `${channel}:${tokenText(welcome)}`])
    if (invite !== undefined && isPairable(channel))
      flags.push(['sidechannelInvite', `${channel}:${tokenText(invite)}`])
    if (policy.ownerWriteOnly) flags.push(['sidechannelOwnerWriteChannels', channel])
    if (inviters !== null)
      flags.push(['sidechannelInviteRequired', '1'], ['sidechannelInviteChannels', channel])
  } else {
    if (policy.ownerWriteOnly) flags.push(['sidechannelOwnerWriteOnly', '1'])
    if (inviters !== null) flags.push(['sidechannelInviteRequired', '1'])
    flags.push(...changedFlags(config, ['sidechannelInvitePrefixes']))
  }
  if (inviters !== null) flags.push(['sidechannelInviterKeys', inviters.join(',')])
  return [...flags, ...changedFlags(config, SHARED)]
}

/** For a peer that runs: one line for its prompt. */
export function joinLine(
  channel: ChannelName,
  owner: Hex32 | null,
  tokens: { readonly invite?: Invite | null; readonly welcome?: Welcome | null } = {}
): string {
  const { invite = null, welcome = null } = tokens
  const words = ['/sc_join', '--channel', commandWord(channel)]
  if (owner !== null) words.push('--owner', owner)
  if (invite !== null) words.push('--invite', tokenText(invite))
  if (welcome !== null) words.push('--welcome', tokenText(welcome))
  return words.join(' ')
}
