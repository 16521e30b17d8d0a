import { IntercomError } from '../../src/base/errors.ts'
import type { Hex32 } from '../../src/base/hex.ts'
import { quoted } from '../../src/base/text.ts'
import { tokenText } from '../../src/base/token-text.ts'
import { withScript } from '../../src/commands/joiner-script.ts'
import { commandWord } from '../../src/commands/parse.ts'
import type { IntercomNode } from '../../src/node.ts'
import type {
  Answer,
  InviteResult,
  JoinResult,
  OpenResult,
  PeerReport,
  PendingRequest,
  PlaneArgs,
  SendResult,
  SidechannelEvents,
  SidechannelPlane,
  WelcomeResult
} from '../../src/planes.ts'
import { type Invite, parseInvite, parseWelcome } from './grants.ts'
import { inviteFlags, isPairable, joinerCommand, joinLine } from './joiner.ts'
import { type ChannelName, channelName, ENTRY_CHANNEL } from './names.ts'
import {
  awaitingWelcome,
  type Circumstances,
  circumstancesOf,
  joinRefused,
  sendRefused,
  welcomeFault,
  welcomeRefused
} from './refusals.ts'
import type { Credentials, JoinOutcome, SendOutcome, Sidechannels } from './sidechannels.ts'
import { statsOutput } from './stats.ts'

/** Binds the `sc_*` commands of the command table, and offers the same to the other planes. */
export function bindSidechannelCommands(node: IntercomNode, sidechannels: Sidechannels): void {
  const desk = new Desk(node, sidechannels)
  node.planes.sidechannel = desk
  node.commands.bind('sc_join', (args) => desk.join(args))
  node.commands.bind('sc_leave', (args) => desk.leave(args))
  node.commands.bind('sc_send', (args) => desk.send(args))
  node.commands.bind('sc_open', (args) => desk.open(args))
  node.commands.bind('sc_invite', ({ script, ...args }) => {
    const about = `Starts the peer that was invited to ${quoted(args.channel)}, and no other one: the store is "peer" unless you add another.`
    return withScript(script, about, () => desk.invite(args))
  })
  node.commands.bind('sc_welcome', ({ script, ...args }) =>
    withScript(script, `Starts a peer in ${quoted(args.channel)}.`, () => desk.welcome(args))
  )
  node.commands.bind('sc_pending', () => desk.pending())
  node.commands.bind('sc_accept', (args) => desk.accept(args))
  node.commands.bind('sc_stats', () => statsOutput(node, sidechannels))
}

/** What people and programs ask of the sidechannels, and the answers in words and in data. */
class Desk implements SidechannelPlane {
  readonly #node: IntercomNode
  readonly #plane: Sidechannels
  readonly entryChannel = ENTRY_CHANNEL

  constructor(node: IntercomNode, plane: Sidechannels) {
    this.#node = node
    this.#plane = plane
  }

  get started(): boolean {
    return this.#plane.started
  }

  names(): string[] {
    return [...this.#plane.channels.keys()]
  }

  has(channel: string): boolean {
    return this.#plane.channels.has(nameOf(channel))
  }

  on<E extends keyof SidechannelEvents>(event: E, listener: SidechannelEvents[E]): void {
    this.#plane.on(event, listener)
  }

  off<E extends keyof SidechannelEvents>(event: E, listener: SidechannelEvents[E]): void {
    this.#plane.off(event, listener)
  }

  peer(key: Hex32): PeerReport {
    const now = this.#node.now()
    const channels = [...this.#plane.channels.values()].filter(({ protocol }) => protocol?.sessions.has(key))
    return {
      channels: channels.map((channel) => ({
        channel: channel.policy.channel,
        authorised: channel.isAuthorised(key, now)
      })),
      drops: this.#plane.links.get(key)?.drops ?? 0
    }
  }

  join(args: PlaneArgs<'join'>): Answer<JoinResult> {
    const name = nameOf(args.channel)
    const credentials = credentialsOf(args)
    return this.#joined(name, credentials, this.#plane.join(name, credentials))
  }

  accept(args: PlaneArgs<'accept'>): Answer<JoinResult> {
    const name = nameOf(args.channel)
    const credentials = credentialsOf(args)
    const outcome = this.#plane.accept(name, credentials)
    if (outcome === null)
      throw new IntercomError('no_request', `Nobody has asked this peer to open ${quoted(name)}.`)
    return this.#joined(name, credentials, outcome)
  }

  leave(args: PlaneArgs<'leave'>): Answer<{ channel: string }> {
    const name = nameOf(args.channel)
    if (name === ENTRY_CHANNEL) {
      throw new IntercomError('denied', 'The entry channel is where peers meet: it is never left.', {
        next: 'Use --sidechannel-quiet 1 to print none of its messages.'
      })
    }
    if (!this.#plane.leave(name))
      throw new IntercomError('not_joined', `This peer is not in ${quoted(name)}.`, {
        next: 'List the channels with /sc_stats.'
      })
    const again = this.#node.config.sidechannels?.includes(name)
      ? [`--sidechannels names it: the next start joins it again.`]
      : []
    return {
      lines: [`Left ${quoted(name)}; its invite and welcome are forgotten.`, ...again],
      result: { channel: name }
    }
  }

  async send(args: PlaneArgs<'send'>): Promise<Answer<SendResult>> {
    const name = nameOf(args.channel)
    const credentials = credentialsOf(args)
    const outcome = await this.#plane.send(name, args.message, credentials)
    return this.#sent(name, outcome, credentials)
  }

  async open(args: PlaneArgs<'open'>): Promise<Answer<OpenResult>> {
    const name = nameOf(args.channel)
    const via = args.via === undefined ? ENTRY_CHANNEL : nameOf(args.via)
    const credentials = credentialsOf(args)
    this.#checkRequest(name, credentials)
    const { lines, result } = this.#sent(via, await this.#plane.open(name, via, credentials))
    const notes = []
    if (!this.#plane.channels.has(name)) notes.push(`Join it here too: ${joinLine(name, null)}`)
    const invitee = parseInvite(args.invite)?.payload.inviteePubKey ?? this.#node.key
    if (invitee !== this.#node.key)
      notes.push(
        'Older peers refuse a request with an invite for somebody else: hand the invite over by itself.'
      )
    return {
      lines: [`Asked to open ${quoted(name)}.`, ...lines, ...notes],
      result: { ...result, channel: name, via }
    }
  }

  invite(args: PlaneArgs<'invite'>): Answer<InviteResult> {
    const name = nameOf(args.channel)
    const { config, key } = this.#node
    const policy = this.#plane.policyOf(name)
    if (name === ENTRY_CHANNEL) throw entryNeedsNothing('invite')
    if (policy.inviters.size > 0 && !policy.inviters.has(key)) {
      throw new IntercomError('denied', `Invites by this peer do not count in ${quoted(name)}.`, {
        next: `Ask an inviter (${[...policy.inviters].join(', ')}), or add ${key} to --sidechannel-inviter-keys on every peer.`
      })
    }
    const welcome = args.welcome === undefined ? null : parseWelcome(args.welcome)
    if (args.welcome !== undefined && welcomeFault(policy, args.welcome) !== null)
      throw welcomeRefused(policy, args.welcome)
    const invite = this.#plane.invite(name, args.pubkey, args.ttl ?? config.sidechannelInviteTtl, welcome)
    return this.#invited(name, invite)
  }

  #invited(name: ChannelName, invite: Invite): Answer<InviteResult> {
    const { config, key } = this.#node
    const policy = this.#plane.policyOf(name)
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

  welcome(args: PlaneArgs<'welcome'>): Answer<WelcomeResult> {
    const name = nameOf(args.channel)
    const { config, key } = this.#node
    if (name === ENTRY_CHANNEL) throw entryNeedsNothing('welcome')
    const welcome = this.#plane.welcome(name, args.text)
    const policy = this.#plane.policyOf(name)
    if (welcome === 'owner_only') {
      throw new IntercomError(
        'owner_only',
        `Only the owner of ${quoted(name)}, ${policy.owner}, may sign its welcome.`,
        {
          next: "Run /sc_welcome on the owner's peer, or take the channel out of --sidechannel-owner."
        }
      )
    }
    const inviters = policy.inviteRequired ? [...policy.inviters] : null
    const joiner = joinerCommand({ config, policy, welcome, inviters })
    const join = joinLine(name, key, { welcome })
    const joined = this.#plane.channels.has(name)
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

  pending(): Answer<readonly PendingRequest[]> {
    const requests = this.#plane.pending.list().map(({ channel, from, at, invite }) => {
      return {
        channel,
        from,
        at,
        needsInvite: this.#plane.policyOf(channel).inviteRequired && invite === null
      }
    })
    const lines = requests.map(({ channel, from, needsInvite }) => {
      const needs = needsInvite ? ' (needs --invite)' : ''
      return `${quoted(channel)} by ${from}${needs}: /sc_accept --channel ${commandWord(channel)}`
    })
    return { lines: lines.length > 0 ? lines : ['No requests to open a channel.'], result: requests }
  }

  #joined(name: ChannelName, credentials: Credentials, outcome: JoinOutcome): Answer<JoinResult> {
    if (!outcome.ok) throw joinRefused(outcome.reason, this.#circumstances(name, credentials))
    const { key } = this.#node
    const channel = this.#plane.channels.get(name)
    const policy = this.#plane.policyOf(name)
    const welcomed = channel?.welcomed ?? false
    const notes = []
    const awaiting = awaitingWelcome(policy, key, welcomed)
    if (awaiting !== null) notes.push(awaiting)
    if (credentials.invite !== undefined && !policy.inviteRequired)
      notes.push(unusedInvite(name, credentials.invite))
    return {
      lines: [outcome.already ? `Already in ${quoted(name)}.` : `Joined ${quoted(name)}.`, ...notes],
      result: {
        channel: name,
        already: outcome.already,
        owner: policy.owner,
        awaitingWelcome: awaiting !== null
      }
    }
  }

  #sent(name: ChannelName, outcome: SendOutcome, credentials: Credentials = {}): Answer<SendResult> {
    if (!outcome.ok) throw sendRefused(outcome.reason, this.#circumstances(name, credentials))
    const { id, neighbours, queued, joined } = outcome
    const connected = this.#plane.channels.get(name)?.sessions.length ?? 0
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

  /** What every receiver would refuse is refused here, where somebody reads why. */
  #checkRequest(name: ChannelName, { invite, welcome }: Credentials): void {
    if (name === ENTRY_CHANNEL) throw entryNeedsNothing('request')
    const policy = this.#plane.policyOf(name)
    if (welcome !== undefined && welcomeFault(policy, welcome) !== null) throw welcomeRefused(policy, welcome)
    const parsed = parseInvite(invite)
    if (invite !== undefined && parsed === null)
      throw joinRefused('bad_invite', this.#circumstances(name, { invite }))
    const known = welcome ?? this.#plane.welcomeOf(name) ?? parsed?.welcome
    if (!policy.welcomeRequired || (known !== undefined && welcomeFault(policy, known) === null)) return
    const others = policy.owner !== null && policy.owner !== this.#node.key
    throw new IntercomError(
      'bad_welcome',
      `A request to open ${quoted(name)} needs the owner's welcome to it.`,
      {
        next: others
          ? `Ask the owner, ${policy.owner}, for the welcome_b64 and give it with --welcome.`
          : `Sign one with /sc_welcome --channel ${commandWord(name)} --text <message>, or give the owner's with --welcome.`
      }
    )
  }

  #circumstances(name: ChannelName, credentials: Credentials): Circumstances {
    return circumstancesOf(this.#node, this.#plane.policyOf(name), credentials)
  }
}

function entryNeedsNothing(what: 'invite' | 'welcome' | 'request'): IntercomError {
  return new IntercomError('denied', `The entry channel is open to all and takes no ${what}.`, {
    next: 'Name another channel.'
  })
}

/** The argument type lets through what is a name. */
function nameOf(text: string): ChannelName {
  const name = channelName(text)
  if (name === null) throw new IntercomError('bad_arguments', `${quoted(text)} is not a channel name.`)
  return name
}

function credentialsOf(
  args: { readonly [K in keyof Credentials]?: Credentials[K] | undefined }
): Credentials {
  const { invite, welcome, owner } = args
  return {
    ...(invite === undefined ? {} : { invite }),
    ...(welcome === undefined ? {} : { welcome }),
    ...(owner === undefined ? {} : { owner })
  }
}

/** Without the rule there is nobody to show an invite to: other peers would never see it. */
function unusedInvite(name: ChannelName, invite: unknown): string {
  const inviter = parseInvite(invite)?.payload.inviterPubKey ?? '<owner-pubkey-hex>'
  return `${quoted(name)} is not invite-only on this peer, so the invite is not shown to others. Start with ${inviteFlags(name, [inviter])}`
}
