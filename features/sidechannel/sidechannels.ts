import ReadyResource from 'ready-resource'
import { IntercomError, messageOf, toIntercomError } from '../../src/base/errors.ts'
import type { Hex32 } from '../../src/base/hex.ts'
import type { Log } from '../../src/base/log.ts'
import { quoted } from '../../src/base/text.ts'
import type { Neighbour } from '../../src/network/protocols.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { Channel } from './channel.ts'
import { type Credentials, Keyring } from './credentials.ts'
import type { Invite, Welcome } from './grants.ts'
import { noteEnd, takeLastEnd } from './last-run.ts'
import type { Links } from './links.ts'
import { collectSidechannels, Totals } from './metrics.ts'
import { type ChannelName, ENTRY_CHANNEL, protocolOf, topicOf } from './names.ts'
import { Openings } from './openings.ts'
import type { JoinOutcome, SendOutcome } from './outcomes.ts'
import type { Pipeline } from './pipeline.ts'
import type { ChannelPolicy } from './policy/channel-policy.ts'
import { refusalToSend } from './policy/send.ts'
import { circumstancesOf, faultyInvites, faultyWelcomes, startNotice } from './refusals.ts'
import type { PendingRequests } from './requests.ts'
import { Traffic } from './traffic.ts'

export type { Credentials } from './credentials.ts'
export type { JoinOutcome, Received, SendOutcome } from './outcomes.ts'

/**
 * The sidechannel plane of a node: which channels it takes part in, what comes in and goes out on them.
 * Events: `message` (Received), `request` (OpenRequest), `joined`, `left` (ChannelName), `changed`
 * (ChannelName: who takes part, or what was proven), `dropped` (ChannelName, DropReason).
 */
export class Sidechannels extends ReadyResource {
  readonly channels = new Map<ChannelName, Channel>()
  readonly #node: IntercomNode
  readonly #log: Log
  readonly #keyring: Keyring
  readonly #traffic: Traffic
  readonly #openings: Openings
  readonly #joining = new Map<ChannelName, Promise<void>>()
  readonly #totals = new Totals()
  #uncollect: (() => void) | null = null
  #started = false

  constructor(node: IntercomNode) {
    super()
    this.#node = node
    this.#log = node.log.area('sidechannel')
    this.#keyring = new Keyring(node)
    this.#traffic = new Traffic(node, this.#log, {
      onmessage: (received) => this.emit('message', received),
      onrequest: (asked) => this.#openings.handle(asked),
      onchange: (channel) => this.#handleChange(channel),
      ondrop: (channel, reason) => this.emit('dropped', channel.policy.channel, reason)
    })
    this.#openings = new Openings(node, this.#log, this, {
      onrequest: (request) => this.emit('request', request),
      onrefused: (name, from, fault) => this.#traffic.explain.refused(name, from, fault),
      onwelcomed: (channel) => this.#handleChange(channel)
    })
  }

  /** The requests that wait for somebody to accept them. */
  get pending(): PendingRequests {
    return this.#openings.pending
  }

  get pipeline(): Pipeline {
    return this.#traffic.pipeline
  }

  get links(): Links {
    return this.#traffic.links
  }

  /** The channels joined at the start are announced. */
  get started(): boolean {
    return this.#started
  }

  /** Resolves once every channel joined so far is announced. */
  async announced(): Promise<void> {
    await Promise.all(this.#joining.values())
  }

  policyOf(name: ChannelName): ChannelPolicy {
    return this.#keyring.policyOf(name)
  }

  /** The owner's welcome to a channel, joined or not, as far as it is known. */
  welcomeOf(name: ChannelName): Welcome | null {
    return this.#keyring.welcomeOf(name, this.#known(name))
  }

  join(name: ChannelName, credentials: Credentials = {}): JoinOutcome {
    const known = this.#known(name)
    const admitted = this.#keyring.admit(name, credentials, known)
    if (typeof admitted === 'string') return { ok: false, reason: admitted }
    if (known === null && this.channels.size >= this.#node.config.sidechannelMaxChannels)
      return { ok: false, reason: 'too_many' }
    this.#keyring.keep(admitted)
    if (known === null) this.#openChannel(admitted)
    else this.#renew(known, admitted)
    return { ok: true, already: known !== null }
  }

  /** `false` when nothing was known of it, or it is the entry, which is never left. */
  leave(name: ChannelName): boolean {
    if (name === ENTRY_CHANNEL) return false
    const kept = this.#keyring.forget(name)
    const channel = this.channels.get(name)
    if (channel === undefined) return kept
    this.channels.delete(name)
    this.#closeChannel(name, channel)
    this.emit('left', name)
    return true
  }

  /** Sends to every authorised neighbour; a channel that is not joined is joined first when its rules allow it. */
  async send(name: ChannelName, message: unknown, credentials: Credentials = {}): Promise<SendOutcome> {
    const first = !this.channels.has(name)
    if (!this.channels.has(name) || Object.values(credentials).some((value) => value !== undefined)) {
      const joined = this.join(name, credentials)
      if (!joined.ok) return joined
    }
    const channel = this.channels.get(name) as Channel
    const { key, now } = this.#node
    const refusal = refusalToSend(channel.policy, key, channel.invitedUntil, now())
    if (refusal !== null) return { ok: false, reason: refusal }
    const invite = credentials.invite === undefined ? null : channel.invite
    const sent = await this.#traffic.send(channel, message, invite)
    if (sent?.ok) return { ...sent, joined: first }
    if (sent === null) {
      if (!this.closing && channel.closed)
        throw new IntercomError('not_joined', `${quoted(name)} was left before the message was sent.`)
      throw new IntercomError('closed', 'The node is closing.')
    }
    return sent
  }

  /** Asks the peers on `via` to open a channel. */
  open(name: ChannelName, via: ChannelName, credentials: Credentials = {}): Promise<SendOutcome> {
    const welcome = credentials.welcome ?? this.welcomeOf(name)
    const invite = credentials.invite ?? this.#keyring.inviteToShow(name, this.#known(name))
    return this.send(via, {
      control: 'open_channel',
      channel: name,
      ...(invite === null ? {} : { invite }),
      ...(welcome === null ? {} : { welcome })
    })
  }

  /** Signs a welcome and, where there is no owner, makes this peer the owner (spec/sidechannel 1.7). */
  welcome(name: ChannelName, text: string): Welcome | 'owner_only' {
    const welcome = this.#keyring.createWelcome(name, text)
    const channel = this.#known(name)
    if (welcome !== 'owner_only' && channel !== null) {
      channel.handlePolicy(this.policyOf(name), this.#node.now())
      channel.acceptWelcome(welcome)
      this.#traffic.welcomeAgain(channel)
    }
    return welcome
  }

  invite(name: ChannelName, invitee: Hex32, ttlSeconds: number, welcome: Welcome | null): Invite {
    return this.#keyring.createInvite(name, invitee, ttlSeconds, welcome ?? this.welcomeOf(name))
  }

  /** Joins a channel somebody asked for, with what came along. */
  accept(name: ChannelName, credentials: Credentials = {}): JoinOutcome | null {
    return this.#openings.accept(name, credentials)
  }

  readonly #handleGone = (neighbour: Neighbour): void => {
    this.links.close(neighbour)
    this.pipeline.skew.forget(neighbour.key)
  }

  protected override async _open(): Promise<void> {
    const { config, network, store, now } = this.#node
    this.#keyring.open()
    this.pipeline.seen.forgetBefore(takeLastEnd(store, now(), config.sidechannelMaxSkew * 1000))
    network.on('neighbour-gone', this.#handleGone)
    this.#uncollect = collectSidechannels(this.#node.metrics, this, this.#totals, now)
    this.join(ENTRY_CHANNEL)
    for (const name of new Set([
      ...((config.sidechannels ?? []) as ChannelName[]),
      ...this.#keyring.joined()
    ])) {
      const notice = this.#joinAtStart(name)
      if (notice !== null) this.#log.warn(notice)
    }
    void this.announced().then(() => {
      this.#started = true
    })
    const policyOf = (name: ChannelName) => this.policyOf(name)
    for (const fault of [...faultyWelcomes(config, policyOf), ...faultyInvites(this.#node, policyOf)])
      this.#log.warn(fault)
  }

  protected override async _close(): Promise<void> {
    this.#uncollect?.()
    for (const [name, channel] of this.channels) this.#closeChannel(name, channel)
    await this.#traffic.close()
    noteEnd(this.#node.store, this.#node.now(), this.#log)
    this.#node.network.off('neighbour-gone', this.#handleGone)
  }

  /** What there is to say about it; one channel that cannot be joined must not keep the node from starting. */
  #joinAtStart(name: ChannelName): string | null {
    try {
      const outcome = this.join(name)
      const circumstances = circumstancesOf(this.#node, this.policyOf(name))
      return startNotice(outcome, this.channels.get(name), circumstances)
    } catch (error) {
      const { message, next } = toIntercomError(error)
      return `Cannot join ${quoted(name)}: ${message} ${next}`
    }
  }

  #known(name: ChannelName): Channel | null {
    return this.channels.get(name) ?? null
  }

  /** A channel that was joined is joined again, with newer credentials. */
  #renew(channel: Channel, { policy, invite, welcome }: Channel): void {
    const { invite: before, welcome: said } = channel
    channel.policy = policy
    channel.invite = invite
    channel.welcome = welcome
    if (invite !== null && invite.sig !== before?.sig) this.#traffic.proveAgain(channel)
    if (channel.isOwner && welcome !== null && welcome.sig !== said?.sig) this.#traffic.welcomeAgain(channel)
    this.emit('changed', policy.channel)
  }

  #openChannel(channel: Channel): void {
    const name = channel.policy.channel
    const { network } = this.#node
    this.channels.set(name, channel)
    channel.protocol = network.protocol(protocolOf(name), this.#traffic.handlersOf(channel))
    this.#joining.set(name, network.join(topicOf(name)))
    this.#log.debug('joined', { channel: name })
    this.emit('joined', name)
  }

  #closeChannel(name: ChannelName, channel: Channel): void {
    channel.closed = true
    this.#totals.handleLeft(channel)
    channel.protocol?.close()
    this.#joining.delete(name)
    this.#node.network.leave(topicOf(name)).catch((error: unknown) => {
      this.#log.debug('leaving failed', { channel: name, error: messageOf(error) })
    })
  }

  #handleChange(channel: Channel): void {
    const { channel: name } = channel.policy
    if (this.channels.get(name) !== channel) return
    // A welcome that came from the owner is good after a restart too, when the owner may be away.
    if (channel.welcome !== null) this.#keepHeard(channel)
    this.emit('changed', name)
  }

  /** What others say must not fail for want of a disk. */
  #keepHeard(channel: Channel): void {
    try {
      this.#keyring.keep(channel)
    } catch (error) {
      this.#log.error('a welcome is not kept for the next start', { error: messageOf(error) })
    }
  }
}
