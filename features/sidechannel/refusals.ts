import { IntercomError } from '../../src/base/errors.ts'
import type { Hex32 } from '../../src/base/hex.ts'
import { SEND_REFUSALS, type SendRefusal } from '../../src/base/reasons.ts'
import { quoted } from '../../src/base/text.ts'
import { parseTokenText } from '../../src/base/token-text.ts'
import { commandWord } from '../../src/commands/parse.ts'
import type { Config } from '../../src/config/flags.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { Channel } from './channel.ts'
import type { Credentials } from './credentials.ts'
import { type InviteFault, verifyInvite, verifyWelcome, type WelcomeFault } from './grants.ts'
import { inviteFlags, joinLine } from './joiner.ts'
import { type ChannelName, ENTRY_CHANNEL } from './names.ts'
import type { JoinOutcome, JoinRefusal } from './outcomes.ts'
import type { ChannelPolicy } from './policy/channel-policy.ts'
import { largestMessage } from './policy/size.ts'

/** What a refusal is explained from. */
export interface Circumstances {
  readonly self: Hex32
  readonly now: number
  readonly config: Config
  /** The rules of the channel in question. */
  readonly policy: ChannelPolicy
  readonly credentials?: Credentials
}

export function circumstancesOf(
  { key: self, config, now }: IntercomNode,
  { owner, ...rules }: ChannelPolicy,
  credentials: Credentials = {}
): Circumstances {
  // An owner that was given counts in the attempt that is explained.
  const policy = { ...rules, owner: owner ?? credentials.owner ?? null }
  return { self, config, now: now(), policy, credentials }
}

/** Why a channel is not joined, and what its user can do about it. */
export function joinRefused(reason: JoinRefusal, circumstances: Circumstances): IntercomError {
  const { config, policy, credentials = {} } = circumstances
  const name = quoted(policy.channel)
  switch (reason) {
    case 'uninvited':
      return uninvited(
        `Cannot join ${name}: it is invite-only and this peer has no valid invite.`,
        circumstances
      )
    case 'bad_invite':
      return badInvite(circumstances)
    case 'bad_welcome':
      return welcomeRefused(policy, credentials.welcome)
    case 'other_owner':
      return new IntercomError('denied', `The owner of ${name} is ${policy.owner}, not the key given.`, {
        next: `Leave --owner out, or change --sidechannel-owner; ${leaving(policy.channel)} forgets an owner given at a join.`
      })
    case 'too_many':
      return new IntercomError(
        'denied',
        `Cannot join ${name}: ${config.sidechannelMaxChannels} channels are joined already.`,
        { next: 'Leave one with /sc_leave, or raise --sidechannel-max-channels.' }
      )
  }
}

/** Why a message is not sent. */
export function sendRefused(reason: SendRefusal | JoinRefusal, circumstances: Circumstances): IntercomError {
  const { policy, config } = circumstances
  const name = quoted(policy.channel)
  switch (reason) {
    case 'uninvited':
      return uninvited(
        `Cannot send in ${name}: it is invite-only and this peer has no valid invite.`,
        circumstances
      )
    case 'owner_only':
      return policy.owner === null
        ? new IntercomError('no_owner', `Only the owner may write in ${name}, and no owner is known.`, {
            next: ownerStep(policy.channel)
          })
        : new IntercomError('owner_only', `Only the owner of ${name}, ${policy.owner}, may write there.`)
    case 'too_large':
      return tooLarge(config)
    case 'unserialisable':
    case 'rate_limited':
      return new IntercomError(reason, SEND_REFUSALS[reason])
    default:
      return joinRefused(reason, circumstances)
  }
}

const WELCOME_FAULTS: Readonly<Record<WelcomeFault, string>> = {
  malformed: 'it is not a welcome',
  channel: 'it is for another channel',
  owner: "it is not signed by the channel's owner",
  signature: 'its signature is not valid'
}

/** What is wrong with a welcome; `null` when nothing is. */
export function welcomeFault(policy: ChannelPolicy, welcome: unknown): string | null {
  const verdict = verifyWelcome(welcome, policy.channel, policy.owner)
  if (verdict.ok) return null
  if (verdict.reason === 'owner' && policy.owner === null) return 'the owner of the channel is not known'
  return WELCOME_FAULTS[verdict.reason]
}

/** A welcome was given that does not verify. */
export function welcomeRefused(policy: ChannelPolicy, welcome: unknown): IntercomError {
  const name = quoted(policy.channel)
  const fault = welcomeFault(policy, welcome) ?? 'it came too late'
  if (policy.owner === null) {
    return new IntercomError('no_owner', `The welcome to ${name} cannot be verified: ${fault}.`, {
      next: ownerStep(policy.channel)
    })
  }
  return new IntercomError('bad_welcome', `The welcome to ${name} was refused: ${fault}.`, {
    next: `Ask the owner, ${policy.owner}, for the welcome_b64 of this channel.`
  })
}

/** Says that messages are dropped until the welcome comes; `null` where none is awaited. */
export function awaitingWelcome(policy: ChannelPolicy, self: Hex32, welcomed: boolean): string | null {
  if (!policy.welcomeRequired || welcomed || policy.owner === self) return null
  const { channel, owner } = policy
  const begin = `${quoted(channel)} awaits its welcome: what others send is dropped until then.`
  if (owner === null) return `${begin} No owner is known for it. ${ownerStep(channel)}`
  return `${begin} The owner ${owner} sends it when it is online; or ${joinLine(channel, null)} --welcome <json|b64|@file>.`
}

/** What a start has to say of a channel that is to be joined: what is missing, and what to do about it. */
export function startNotice(
  outcome: JoinOutcome,
  channel: Channel | undefined,
  circumstances: Circumstances
): string | null {
  if (outcome.ok) return awaitingWelcome(circumstances.policy, circumstances.self, channel?.welcomed ?? false)
  const { message, next } = joinRefused(outcome.reason, circumstances)
  return `${message} ${next}`
}

/** What is wrong with the values of `--sidechannel-welcome`, a line for each. */
export function faultyWelcomes(config: Config, policyOf: (channel: ChannelName) => ChannelPolicy): string[] {
  return Object.entries(config.sidechannelWelcome ?? {}).flatMap(([name, text]) => {
    // The entry channel needs none, so there is nothing to be wrong.
    if (name === ENTRY_CHANNEL) return []
    const policy = policyOf(name as ChannelName)
    const fault = welcomeFault(policy, parseTokenText(text))
    if (fault === null) return []
    const step = policy.owner === null ? ` ${ownerStep(policy.channel)}` : ''
    return [`The --sidechannel-welcome of ${quoted(name)} is left out: ${fault}.${step}`]
  })
}

/** The same for `--sidechannel-invite`. */
export function faultyInvites(
  node: IntercomNode,
  policyOf: (channel: ChannelName) => ChannelPolicy
): string[] {
  return Object.entries(node.config.sidechannelInvite ?? {}).flatMap(([name, text]) => {
    const policy = policyOf(name as ChannelName)
    // Nobody asks for one where none is needed.
    if (!policy.inviteRequired) return []
    const fault = inviteFault(circumstancesOf(node, policy, { invite: parseTokenText(text) }))
    return fault === null
      ? []
      : [`The --sidechannel-invite of ${quoted(name)} is left out: ${INVITE_FAULTS[fault]}.`]
  })
}

function ownerStep(channel: ChannelName): string {
  const command = `${joinLine(channel, null)} --owner <hex>`
  return `Give the owner key: ${command}, or --sidechannel-owner ${quoted(`${channel}:<hex>`)} at start.`
}

function leaving(channel: ChannelName): string {
  return `/sc_leave --channel ${commandWord(channel)}`
}

const INVITE_FAULTS: Readonly<Record<InviteFault, string>> = {
  malformed: 'it is not an invite',
  channel: 'it is for another channel',
  invitee: 'it is for another peer',
  inviter: 'its inviter does not count here',
  expired: 'it has expired',
  signature: 'its signature is not valid'
}

/** What is wrong with the invite that was given, or null. */
function inviteFault({ policy, self, now, credentials = {} }: Circumstances): InviteFault | null {
  const { channel, inviters } = policy
  const verdict = verifyInvite(credentials.invite, { channel, presenter: self, inviters, now })
  return verdict.ok ? null : verdict.reason
}

function badInvite(circumstances: Circumstances): IntercomError {
  const { policy, self } = circumstances
  const { channel } = policy
  const fault = inviteFault(circumstances) ?? 'malformed'
  const message = `The invite to ${quoted(channel)} was refused: ${INVITE_FAULTS[fault]}.`
  const next =
    fault === 'inviter'
      ? inviterStep(circumstances)
      : `Ask for an invite to this peer: ${inviteLine(channel, self)}.`
  return new IntercomError('bad_invite', message, { next })
}

function uninvited(message: string, circumstances: Circumstances): IntercomError {
  const { policy, self } = circumstances
  const { channel, inviters } = policy
  const ask = `Ask for one: ${inviteLine(channel, self)}; then ${joinLine(channel, null)} --invite <json|b64|@file>.`
  const nobodyCounts = [...inviters].every((key) => key === self)
  return new IntercomError('uninvited', message, {
    next: nobodyCounts ? `${inviterStep(circumstances)} ${ask}` : ask
  })
}

function inviterStep({ policy: { channel, owner } }: Circumstances): string {
  return `Start with the owner's key as inviter: ${inviteFlags(channel, [owner ?? '<owner-pubkey-hex>'])}.`
}

function inviteLine(channel: ChannelName, self: Hex32): string {
  return `/sc_invite --channel ${commandWord(channel)} --pubkey ${self}`
}

function tooLarge(config: Config): IntercomError {
  const { sidechannelMaxBytes: maxBytes, sidechannelRateBytes: rate, sidechannelRateBurst: burst } = config
  const limit = largestMessage({ maxBytes, rate, burst })
  const bySize = rate === 0 || maxBytes <= burst
  const flag = bySize ? '--sidechannel-max-bytes' : '--sidechannel-rate-burst'
  const more = bySize ? '' : ', or lift it with --sidechannel-rate-bytes 0,'
  return new IntercomError('too_large', `The message is larger than ${limit} bytes of JSON (${flag}).`, {
    next: `Shorten or split it; or raise ${flag}${more} on every peer of the channel.`
  })
}
