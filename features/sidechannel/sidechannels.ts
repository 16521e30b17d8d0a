import ReadyResource from 'ready-resource'
import { IntercomError, messageOf } from '../../src/base/errors.ts'
import type { Hex32 } from '../../src/base/hex.ts'
import type { Log } from '../../src/base/log.ts'
import { DROP_REASONS, type SendRefusal } from '../../src/base/reasons.ts'
import { parseTokenText } from '../../src/base/token-text.ts'
import type { Session } from '../../src/network/protocols.ts'
import type { IntercomNode } from '../../src/node.ts'
import { GrantBook } from './book.ts'
import { Channel } from './channel.ts'
import { composeMessage } from './compose.ts'
import type { Control } from './control.ts'
import { createInvite, createWelcome, type Invite, type Welcome } from './grants.ts'
import { Links } from './links.ts'
import { type ChannelName, ENTRY_CHANNEL, protocolOf, topicOf } from './names.ts'
import { type Accepted, Pipeline } from './pipeline.ts'
import { type ChannelPolicy, channelPolicy, configuredOwner } from './policy/channel-policy.ts'
import { relayCopy, shouldRelayTo } from './policy/relay.ts'
import { refusalToSend } from './policy/send.ts'
import { largestMessage } from './policy/size.ts'
import { checkRequest, type OpenRequest, PendingRequests } from './requests.ts'
import { encodeMessage, type SidechannelMessage } from './wire.ts'

export interface Received {
  readonly channel: ChannelName
  readonly message: SidechannelMessage
  /** Who wrote it is proven. */
  readonly verified: boolean
}

/** What a join, a send or a request may bring along. Values as they came, nothing verified. */
export interface Credentials {
  readonly invite?: unknown
  readonly welcome?: unknown
  /** The channel's owner, where none is configured. */
  readonly owner?: Hex32
}

export type JoinRefusal = 'uninvited' | 'bad_invite' | 'bad_welcome' | 'other_owner' | 'too_many'
export type JoinOutcome =
  | { readonly ok: true; readonly already: boolean }
  | { readonly ok: false; readonly reason: JoinRefusal }

export type SendOutcome =
  | { readonly ok: true; readonly id: string; readonly neighbours: number; readonly queued: number }
  | { readonly ok: false; readonly reason: SendRefusal | JoinRefusal }

/**
 * The sidechannel plane of a node: which channels it takes part in, what comes in and goes out on them.
 * Events: `message` (Received), `request` (OpenRequest), `joined`, `left` (ChannelName).
 */
export class Sidechannels extends ReadyResource {
  readonly channels = new Map<ChannelName, Channel>()
  readonly pending = new PendingRequests()
  readonly pipeline: Pipeline
  readonly links: Links
  readonly #node: IntercomNode
  readonly #log: Log
  readonly #book: GrantBook
  readonly #self: Hex32
  readonly #maxBytes: number
  readonly #joining = new Map<ChannelName, Promise<void>>()
  #composing: Promise<unknown> = Promise.resolve()

  constructor(node: IntercomNode) {
    super()
    const { config } = node
    this.#node = node
    this.#log = node.log.area('sidechannel')
    this.#self = node.key
    this.#book = new GrantBook(node.store, config.sidechannelPersist)
    const {
      sidechannelRateBytes: rate,
      sidechannelRateBurst: burst,
      sidechannelMaxStrikes: maxStrikes
    } = config
    this.#maxBytes = largestMessage({ maxBytes: config.sidechannelMaxBytes, rate, burst })
    this.links = new Links({ rate, burst, maxStrikes }, node.now)
    this.pipeline = new Pipeline({
      self: this.#self,
      maxBytes: config.sidechannelMaxBytes,
      maxSkewMs: config.sidechannelMaxSkew * 1000,
      allowUnsigned: config.sidechannelAllowUnsigned
    })
  }

  /** Resolves once every channel joined so far is announced. */
  async announced(): Promise<void> {
    await Promise.all(this.#joining.values())
  }

  policyOf(channel: ChannelName): ChannelPolicy {
    return channelPolicy(this.#node.config, channel, this.#self, this.#book.get(channel).owner ?? null)
  }

  join(name: ChannelName, credentials: Credentials = {}): JoinOutcome {
    const known = this.channels.get(name)
    const channel = known ?? new Channel(this.policyOf(name), this.#self)
    const refusal = this.#takeCredentials(name, channel, credentials)
    if (refusal !== null) return { ok: false, reason: refusal }
    if (!channel.maySelf(this.#node.now())) return { ok: false, reason: 'uninvited' }
    if (known === undefined && this.channels.size >= this.#node.config.sidechannelMaxChannels) {
      return { ok: false, reason: 'too_many' }
    }
    this.#keep(name, channel)
    if (known !== undefined) return { ok: true, already: true }
    this.channels.set(name, channel)
    this.#openChannel(name, channel)
    return { ok: true, already: false }
  }

  /** `false` when it was not joined, or is the entry, which is never left. */
  leave(name: ChannelName): boolean {
    const channel = this.channels.get(name)
    if (channel === undefined || name === ENTRY_CHANNEL) return false
    this.channels.delete(name)
    this.#book.forget(name)
    this.#closeChannel(name, channel)
    this.emit('left', name)
    return true
  }

  /** Sends to every authorised neighbour; a channel that is not joined is joined first when its rules allow it. */
  async send(name: ChannelName, message: unknown, credentials: Credentials = {}): Promise<SendOutcome> {
    const joined = this.join(name, credentials)
    if (!joined.ok) return joined
    const channel = this.channels.get(name) as Channel
    const refusal = refusalToSend(channel.policy, this.#self, channel.invitedUntil, this.#node.now())
    if (refusal !== null) return { ok: false, reason: refusal }
    return this.#inOrder(async () => {
      const composed = await this.#compose(
        channel,
        message,
        credentials.invite === undefined ? null : channel.invite
      )
      if (composed === null) throw new IntercomError('closed', 'The node is closing.')
      if (!composed.ok) return composed
      return this.#distribute(channel, composed.message, composed.frame)
    })
  }

  /** Asks the peers on `via` to open a channel. */
  open(name: ChannelName, via: ChannelName, credentials: Credentials = {}): Promise<SendOutcome> {
    const { invite, welcome = this.#book.get(name).welcome ?? this.channels.get(name)?.welcome } = credentials
    const request = {
      control: 'open_channel',
      channel: name,
      ...(invite ? { invite } : {}),
      ...(welcome ? { welcome } : {})
    }
    return this.send(via, request)
  }

  /** Signs a welcome and, where no owner is configured, makes this peer the owner (spec/sidechannel 1.7). */
  welcome(name: ChannelName, text: string): Welcome | 'owner_only' {
    const owner = configuredOwner(this.#node.config, name) ?? this.#self
    if (owner !== this.#self) return 'owner_only'
    const welcome = createWelcome({ channel: name, text, issuedAt: this.#node.now() }, this.#node.signer)
    this.#book.update(name, { owner, welcome })
    const channel = this.channels.get(name)
    if (channel !== undefined) {
      channel.handlePolicy(this.policyOf(name), this.#node.now())
      channel.acceptWelcome(welcome)
      channel.forgetAnnouncements()
      for (const session of channel.sessions) this.#sendWelcome(channel, session)
    }
    return welcome
  }

  invite(name: ChannelName, invitee: Hex32, ttlSeconds: number, welcome: Welcome | null): Invite {
    const issuedAt = this.#node.now()
    const own = welcome ?? this.channels.get(name)?.welcome ?? this.#book.get(name).welcome ?? null
    return createInvite(
      {
        ...{ channel: name, inviteePubKey: invitee, inviterAddress: this.#node.address, issuedAt },
        expiresAt: issuedAt + ttlSeconds * 1000,
        ...(own === null ? {} : { welcome: own })
      },
      this.#node.signer
    )
  }

  protected override async _open(): Promise<void> {
    const { config, network } = this.#node
    this.#book.open()
    network.on('neighbour-gone', ({ key }: { key: Hex32 }) => {
      this.links.close(key)
      this.pipeline.skew.forget(key)
    })
    this.join(ENTRY_CHANNEL)
    const kept = [...this.#book.entries()].filter(([, grants]) => grants.joined).map(([name]) => name)
    for (const name of new Set([...((config.sidechannels ?? []) as ChannelName[]), ...kept])) {
      const outcome = this.join(name)
      if (!outcome.ok) this.#log.warn('not joined yet', { channel: name, reason: outcome.reason })
    }
  }

  protected override async _close(): Promise<void> {
    for (const [name, channel] of this.channels) this.#closeChannel(name, channel)
    this.links.closeAll()
    await this.#composing
  }

  #takeCredentials(
    name: ChannelName,
    channel: Channel,
    { invite, welcome, owner }: Credentials
  ): JoinRefusal | null {
    const now = this.#node.now()
    const grants = this.#book.get(name)
    if (owner !== undefined && channel.policy.owner !== owner) {
      if (channel.policy.owner !== null) return 'other_owner'
      this.#book.update(name, { owner })
      channel.handlePolicy(this.policyOf(name), now)
    }
    if (channel.welcome === null) {
      for (const value of [this.#configuredWelcome(name), grants.welcome]) {
        if (value !== undefined) channel.acceptWelcome(value)
      }
    }
    if (channel.invite === null && grants.invite !== undefined) channel.acceptInvite(grants.invite, now)
    if (invite !== undefined && channel.policy.inviteRequired && !channel.acceptInvite(invite, now))
      return 'bad_invite'
    if (welcome !== undefined && channel.policy.welcomeRequired && !channel.acceptWelcome(welcome))
      return 'bad_welcome'
    return null
  }

  /** From `--sidechannel-welcome`; checked at the start. */
  #configuredWelcome(name: ChannelName): unknown {
    const texts = this.#node.config.sidechannelWelcome
    const text = texts !== null && Object.hasOwn(texts, name) ? texts[name] : undefined
    return text === undefined ? undefined : (parseTokenText(text) ?? undefined)
  }

  #keep(name: ChannelName, { invite, welcome }: Channel): void {
    if (name === ENTRY_CHANNEL) return
    this.#book.update(name, {
      joined: true,
      ...(invite === null ? {} : { invite }),
      ...(welcome === null ? {} : { welcome })
    })
  }

  #openChannel(name: ChannelName, channel: Channel): void {
    const { network } = this.#node
    channel.protocol = network.protocol(protocolOf(name), {
      onopen: (session) => this.#handleOpened(channel, session),
      onmessage: (session, frame) => this.#handleFrame(channel, session, frame),
      ondrain: (session) => this.links.of(session.neighbour).outbox.handleDrain(),
      onclose: (session) => channel.handleClosed(session)
    })
    this.#joining.set(name, network.join(topicOf(name)))
    this.#log.debug('joined', { channel: name })
    this.emit('joined', name)
  }

  #closeChannel(name: ChannelName, channel: Channel): void {
    channel.protocol?.close()
    this.#joining.delete(name)
    this.#node.network.leave(topicOf(name)).catch((error: unknown) => {
      this.#log.debug('leaving failed', { channel: name, error: messageOf(error) })
    })
  }

  #handleOpened(channel: Channel, session: Session): void {
    const { policy, invite } = channel
    const mustProve = policy.inviteRequired && !policy.inviters.has(this.#self)
    if (mustProve && invite !== null) this.#sendControl(channel, session, { control: 'auth', invite })
    this.#sendWelcome(channel, session)
  }

  #sendWelcome(channel: Channel, session: Session): void {
    if (!channel.shouldWelcome(session, this.#node.now())) return
    this.#sendControl(channel, session, { control: 'welcome', welcome: channel.welcome })
  }

  /** To one neighbour only, ahead of what waits. */
  #sendControl(channel: Channel, session: Session, control: object): void {
    this.#inOrder(async () => {
      const composed = await this.#compose(channel, control, null)
      if (!composed?.ok) return
      const outgoing = { session, frame: composed.frame, mayGo: () => true }
      if (this.links.of(session.neighbour).outbox.push(outgoing, 'first') === 'full')
        channel.drops.add('queue')
    }).catch((error: unknown) =>
      this.#log.warn('a control message was not sent', { error: messageOf(error) })
    )
  }

  #handleFrame(channel: Channel, session: Session, frame: Uint8Array): void {
    const link = this.links.of(session.neighbour)
    const now = this.#node.now()
    const invitedUntil = channel.neighbourInvitedUntil(link.key)
    const verdict = this.pipeline.check({ frame, channel, neighbour: link, invitedUntil, now })
    if (!verdict.ok) {
      this.#explainDrop(channel, link.key, verdict.reason, verdict.message)
      return
    }
    if (verdict.invite !== null) channel.authorise(link.key, verdict.invite)
    this.#warnOfClock()
    channel.counts.received++
    this.#relay(channel, verdict, link.key)
    if (verdict.control === null) {
      const { message, proof } = verdict
      this.emit('message', { channel: channel.policy.channel, message, verified: proof !== 'none' })
    } else this.#handleControl(channel, session, verdict.control, verdict.message)
  }

  #handleControl(channel: Channel, session: Session, control: Control, message: SidechannelMessage): void {
    const now = this.#node.now()
    const { key } = session.neighbour
    if (control.control === 'auth') {
      if (!channel.acceptAuth(key, control.invite, now)) this.#explain(channel, key, 'invite not valid')
      // The owner waits with its welcome until the neighbour has proven that it may have it.
      else this.#sendWelcome(channel, session)
    } else if (control.control === 'welcome') {
      if (!channel.acceptWelcome(control.welcome)) this.#explain(channel, key, 'welcome not valid')
    } else this.#handleRequest(control, session.neighbour.key, message)
  }

  #handleRequest(
    control: Extract<Control, { control: 'open_channel' }>,
    neighbour: Hex32,
    message: SidechannelMessage
  ): void {
    const { config, now } = this.#node
    const name = control.channel
    if (!config.sidechannelAllowRemoteOpen || name === null || this.channels.has(name)) return
    const policy = this.policyOf(name)
    const request = checkRequest(control, name, {
      policy,
      self: this.#self,
      neighbour,
      from: message.from,
      now: now()
    })
    if (typeof request === 'string') {
      this.#log.debug('a request to open a channel was refused', {
        channel: name,
        reason: request,
        from: message.from
      })
      return
    }
    if (config.sidechannelAutoJoin && this.pending.allowAutoJoin(neighbour)) {
      if (this.join(name, { ...credentialsOf(request) }).ok) return
    }
    if (this.pending.add(request)) this.emit('request', request)
  }

  /** Joins a channel somebody asked for, with what came along. */
  accept(name: ChannelName, credentials: Credentials = {}): JoinOutcome | null {
    const request = this.pending.take(name)
    if (request === null) return null
    const outcome = this.join(name, { ...credentialsOf(request), ...credentials })
    if (!outcome.ok) this.pending.add(request)
    return outcome
  }

  #relay(channel: Channel, { message, proof }: Accepted, cameFrom: Hex32): void {
    const now = this.#node.now()
    const { sidechannelRelay: relay, sidechannelTtl: ttl } = this.#node.config
    const others = channel.sessions.filter(({ neighbour: { key } }) => {
      return shouldRelayTo(key, message, cameFrom) && channel.isAuthorised(key, now)
    })
    if (others.length === 0) return
    const copy = relayCopy(message, proof, { relay, ttl, self: this.#self })
    if (copy === null) return
    const frame = encodeMessage(copy)
    for (const session of others) if (this.#push(channel, session, frame) !== 'full') channel.counts.relayed++
  }

  #push(channel: Channel, session: Session, frame: Uint8Array): 'sent' | 'queued' | 'full' {
    const { key } = session.neighbour
    const mayGo = () => channel.isAuthorised(key, this.#node.now())
    const outcome = this.links.of(session.neighbour).outbox.push({ session, frame, mayGo }, 'rest')
    if (outcome === 'full') channel.drops.add('queue')
    return outcome
  }

  #distribute(channel: Channel, message: SidechannelMessage, frame: Uint8Array): SendOutcome {
    const now = this.#node.now()
    this.pipeline.rememberOwn(message, now)
    let neighbours = 0
    let queued = 0
    let full = 0
    for (const session of channel.sessions) {
      if (!channel.isAuthorised(session.neighbour.key, now)) {
        this.#explain(channel, session.neighbour.key, 'skip (unauthorized)')
        continue
      }
      const outcome = this.#push(channel, session, frame)
      if (outcome === 'full') full++
      else {
        neighbours++
        if (outcome === 'queued') queued++
      }
    }
    if (neighbours === 0 && full > 0) return { ok: false, reason: 'rate_limited' }
    channel.counts.sent++
    return { ok: true, id: message.id, neighbours, queued }
  }

  #compose(channel: Channel, message: unknown, invite: Invite | null) {
    const { config, signer, now } = this.#node
    return composeMessage({
      ...{ channel: channel.policy.channel, message, ts: now(), ttl: config.sidechannelTtl, signer },
      ...(invite === null ? {} : { invite }),
      powBits: channel.policy.powBits,
      maxBytes: this.#maxBytes,
      yieldNow: () => new Promise((resolve) => setTimeout(resolve, 0)),
      shouldStop: () => this.closing !== null
    })
  }

  /** One composition at a time, so that messages leave in the order in which they were sent. */
  #inOrder<T>(compose: () => Promise<T>): Promise<T> {
    const done = this.#composing.then(compose)
    this.#composing = done.catch(() => {})
    return done
  }

  #warnOfClock(): void {
    const warning = this.pipeline.skew.takeWarning()
    if (warning === null) return
    const seconds = Math.round(warning.offsetMs / 1000)
    this.#log.warn('most neighbours are far from our clock: check the time of this machine', {
      offsetSeconds: seconds
    })
  }

  #explainDrop(
    channel: Channel,
    neighbour: Hex32,
    reason: keyof typeof DROP_REASONS,
    message: SidechannelMessage | null
  ): void {
    if (!this.#node.config.sidechannelDebug) return
    const about = message === null ? {} : { from: message.from, id: message.id.slice(0, 100) }
    this.#log.info(`dropped: ${DROP_REASONS[reason]}`, {
      channel: channel.policy.channel,
      reason,
      neighbour,
      ...about
    })
  }

  #explain(channel: Channel, neighbour: Hex32, what: string): void {
    if (this.#node.config.sidechannelDebug)
      this.#log.info(`${what} ${neighbour}`, { channel: channel.policy.channel })
  }
}

function credentialsOf({ welcome, invite }: OpenRequest): Credentials {
  return { ...(welcome === null ? {} : { welcome }), ...(invite === null ? {} : { invite }) }
}
