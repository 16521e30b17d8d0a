import { quoted } from '../../src/base/text.ts'
import { tokenText } from '../../src/base/token-text.ts'
import { commandWord } from '../../src/commands/parse.ts'
import type { IntercomNode } from '../../src/node.ts'
import type {
  Answer,
  InviteResult,
  JoinResult,
  PendingRequest,
  SendResult,
  WelcomeResult
} from '../../src/planes.ts'
import { type Invite, parseInvite, parseWelcome, type Welcome } from './grants.ts'
import { inviteFlags, isPairable, joinerCommand, joinLine } from './joiner.ts'
import type { ChannelName } from './names.ts'
import type { SendOutcome } from './outcomes.ts'
import type { ChannelPolicy } from './policy/channel-policy.ts'
import { awaitingWelcome } from './refusals.ts'

type Self = Pick<IntercomNode, 'config' | 'key'>

interface Joined {
  readonly already: boolean
  readonly welcomed: boolean
  /** What was shown for it. */
  readonly invite?: unknown
}

export function joinedAnswer(
  { key }: Self,
  policy: ChannelPolicy,
  { already, welcomed, invite }: Joined
): Answer<JoinResult> {
  const { channel: name } = policy
  const notes = []
  const awaiting = awaitingWelcome(policy, key, welcomed)
  if (awaiting !== null) notes.push(awaiting)
  if (invite !== undefined && !policy.inviteRequired) notes.push(unusedInvite(name, invite))
  return {
    lines: [already ? `Already in ${quoted(name)}.` : `Joined ${quoted(name)}.`, ...notes],
    result: { channel: name, already, owner: policy.owner, awaitingWelcome: awaiting !== null }
  }
}

/** Without the rule there is nobody to show an invite to: other peers would never see it. */
function unusedInvite(name: ChannelName, invite: unknown): string {
  const inviter = parseInvite(invite)?.payload.inviterPubKey ?? '<owner-pubkey-hex>'
  return `${quoted(name)} is not invite-only on this peer, so the invite is not shown to others. Start with ${inviteFlags(name, [inviter])}`
}

/** `connected`: how many take part in it at the moment. */
export function sentAnswer(
  name: ChannelName,
  { id, neighbours, queued, joined }: Extract<SendOutcome, { ok: true }>,
  connected: number
): Answer<SendResult> {
  const waiting = queued > 0 ? ` (${queued} of them a little later)` : ''
  const nobody =
    connected === 0
      ? ': nobody else is in it at the moment'
      : `: of the ${connected} connected none has shown a valid invite`
  const count = `${neighbours} neighbour${neighbours === 1 ? '' : 's'}`
  return {
    lines: [
      ...(joined ? [`Joined ${quoted(name)} first.`] : []),
      `Sent to ${count} in ${quoted(name)}${neighbours === 0 ? nobody : waiting}.`
    ],
    result: { channel: name, id, neighbours, queued, joined }
  }
}

export function invitedAnswer(
  { config, key }: Self,
  policy: ChannelPolicy,
  invite: Invite
): Answer<InviteResult> {
  const { channel: name } = policy
  const welcome = parseWelcome(invite.welcome)
  const inviters = policy.inviters.size > 0 ? [...policy.inviters] : [key]
  const joiner = joinerCommand({ config, policy, welcome, inviters, invite })
  const join = joinLine(name, policy.owner, { invite })
  const { inviteePubKey, expiresAt } = invite.payload
  const notes: string[] = []
  if (welcome === null && policy.welcomeRequired)
    notes.push(
      `It holds no welcome: sign one with /sc_welcome --channel ${commandWord(name)} --text <message>, or give --welcome.`
    )
  if (!policy.inviteRequired)
    notes.push(
      `${quoted(name)} is not invite-only on this peer. To make it so, start it with ${inviteFlags(name, inviters)}`
    )
  return {
    lines: [
      `Invite to ${quoted(name)} for ${inviteePubKey}, valid until ${new Date(expiresAt).toISOString()}:`,
      JSON.stringify(invite),
      `invite_b64: ${tokenText(invite)}`,
      'The peer with that key starts, in its own store, with:',
      joiner,
      isPairable(name) ? 'or, while running, joins with:' : 'and joins with:',
      join,
      ...notes
    ],
    result: { channel: name, invite, invite_b64: tokenText(invite), notes, joiner, join }
  }
}

/** `joined`: this peer is in the channel itself. */
export function welcomeAnswer(
  { config, key }: Self,
  policy: ChannelPolicy,
  welcome: Welcome,
  joined: boolean
): Answer<WelcomeResult> {
  const { channel: name } = policy
  const inviters = policy.inviteRequired ? [...policy.inviters] : null
  const joiner = joinerCommand({ config, policy, welcome, inviters })
  const join = joinLine(name, key, { welcome })
  const notJoined = `This peer is not in it yet: ${joinLine(name, null)}`
  return {
    lines: [
      `Welcome to ${quoted(name)}, signed by this peer as its owner:`,
      `owner: ${key}`,
      JSON.stringify(welcome),
      `welcome_b64: ${tokenText(welcome)}`,
      'Others start with:',
      joiner,
      'or, while running, join with:',
      join,
      ...(joined ? [] : [notJoined])
    ],
    result: { channel: name, owner: key, welcome, welcome_b64: tokenText(welcome), joiner, join }
  }
}

export function pendingAnswer(requests: readonly PendingRequest[]): Answer<readonly PendingRequest[]> {
  const lines = requests.map(({ channel, from, needsInvite }) => {
    const needs = needsInvite ? ' (needs --invite)' : ''
    return `${quoted(channel)} by ${from}${needs}: /sc_accept --channel ${commandWord(channel)}`
  })
  return { lines: lines.length > 0 ? lines : ['No requests to open a channel.'], result: requests }
}
