import type { Hex32 } from '../../../src/base/hex.ts'
import type { Config } from '../../../src/config/flags.ts'
import { type ChannelName, ENTRY_CHANNEL } from '../names.ts'

/** The flags that say what holds on which channel: the node's `Config` will do. */
export type PolicySettings = Pick<
  Config,
  | 'sidechannelInviteRequired'
  | 'sidechannelInviteChannels'
  | 'sidechannelInvitePrefixes'
  | 'sidechannelInviterKeys'
  | 'sidechannelPow'
  | 'sidechannelPowDifficulty'
  | 'sidechannelPowEntry'
  | 'sidechannelPowChannels'
  | 'sidechannelWelcomeRequired'
  | 'sidechannelOwner'
  | 'sidechannelOwnerWriteOnly'
  | 'sidechannelOwnerWriteChannels'
>

/** The rules of one channel (spec/sidechannel 1.7). */
export interface ChannelPolicy {
  readonly channel: ChannelName
  readonly inviteRequired: boolean
  /** Whose invites count, and who need none. */
  readonly inviters: ReadonlySet<string>
  readonly welcomeRequired: boolean
  readonly owner: Hex32 | null
  readonly ownerWriteOnly: boolean
  /** Zero bits demanded; 0 where no work is. */
  readonly powBits: number
}

/**
 * `grantedOwner` is who became the owner by `/sc_welcome`; a configured owner goes before. Derive it anew
 * when that changes: the value itself never does.
 */
export function channelPolicy(
  settings: PolicySettings,
  channel: ChannelName,
  self: Hex32,
  grantedOwner: Hex32 | null = null
): ChannelPolicy {
  const powBits = demandsPow(settings, channel) ? settings.sidechannelPowDifficulty : 0
  if (channel === ENTRY_CHANNEL) return { ...OPEN, channel, powBits }

  const owner = configuredOwner(settings, channel) ?? grantedOwner
  const inviteRequired = demandsInvite(settings, channel)
  const configured = settings.sidechannelInviterKeys ?? []
  const inviters = new Set<string>(inviteRequired && configured.length === 0 ? [self] : configured)
  const listed = settings.sidechannelOwnerWriteChannels?.includes(channel) ?? false
  return {
    ...{ channel, powBits, inviteRequired, inviters, owner },
    // Also where no owner is known: then nobody is the owner, and nobody may write.
    ownerWriteOnly: listed || settings.sidechannelOwnerWriteOnly,
    welcomeRequired: settings.sidechannelWelcomeRequired
  }
}

/** The entry channel is name-only, whatever the flags say. */
const OPEN = {
  inviteRequired: false,
  inviters: new Set<string>(),
  owner: null,
  ownerWriteOnly: false,
  welcomeRequired: false
} as const

export function configuredOwner(settings: PolicySettings, channel: string): Hex32 | null {
  const owners = settings.sidechannelOwner
  return owners !== null && Object.hasOwn(owners, channel) ? (owners[channel] ?? null) : null
}

/** A list or prefixes narrow invites down to what they name; without either the flag means all. */
function demandsInvite(settings: PolicySettings, channel: string): boolean {
  const { sidechannelInviteChannels: listed, sidechannelInvitePrefixes: prefixes } = settings
  if (listed === null && prefixes === null) return settings.sidechannelInviteRequired
  const prefixed = prefixes?.some((prefix) => channel.startsWith(prefix)) ?? false
  return prefixed || (listed?.includes(channel) ?? false)
}

/** A list goes before the entry toggle. */
function demandsPow(settings: PolicySettings, channel: string): boolean {
  if (!settings.sidechannelPow) return false
  if (settings.sidechannelPowChannels !== null) return settings.sidechannelPowChannels.includes(channel)
  return !settings.sidechannelPowEntry || channel === ENTRY_CHANNEL
}
