import { IntercomError } from '../../src/base/errors.ts'
import type { Hex32 } from '../../src/base/hex.ts'
import { quoted } from '../../src/base/text.ts'
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
import { invitedAnswer, joinedAnswer, pendingAnswer, sentAnswer, welcomeAnswer } from './answers.ts'
import { parseInvite, parseWelcome } from './grants.ts'
import { joinLine } from './joiner.ts'
import { type ChannelName, channelName, ENTRY_CHANNEL } from './names.ts'
import {
  type Circumstances,
  circumstancesOf,
  joinRefused,
  sendRefused,
  welcomeFault,
  welcomeRefused
} from './refusals.ts'
import type { Credentials, JoinOutcome, SendOutcome, Sidechannels } from './sidechannels.ts'

/** What people and programs ask of the sidechannels, and the answers in words and in data. */
export class SidechannelDesk implements SidechannelPlane {
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
    return invitedAnswer(this.#node, this.#plane.policyOf(name), invite)
  }

  welcome(args: PlaneArgs<'welcome'>): Answer<WelcomeResult> {
    const name = nameOf(args.channel)
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
    return welcomeAnswer(this.#node, policy, welcome, this.#plane.channels.has(name))
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
    return pendingAnswer(requests)
  }

  #joined(name: ChannelName, credentials: Credentials, outcome: JoinOutcome): Answer<JoinResult> {
    if (!outcome.ok) throw joinRefused(outcome.reason, this.#circumstances(name, credentials))
    const { already } = outcome
    const welcomed = this.#plane.channels.get(name)?.welcomed ?? false
    return joinedAnswer(this.#node, this.#plane.policyOf(name), {
      already,
      welcomed,
      invite: credentials.invite
    })
  }

  #sent(name: ChannelName, outcome: SendOutcome, credentials: Credentials = {}): Answer<SendResult> {
    if (!outcome.ok) throw sendRefused(outcome.reason, this.#circumstances(name, credentials))
    return sentAnswer(name, outcome, this.#plane.channels.get(name)?.sessions.length ?? 0)
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
