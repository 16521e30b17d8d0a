import { messageOf } from '../../src/base/errors.ts'
import type { Hex32 } from '../../src/base/hex.ts'
import type { Log } from '../../src/base/log.ts'
import type { DropReason, SendRefusal } from '../../src/base/reasons.ts'
import type { ProtocolHandlers, Session } from '../../src/network/protocols.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { Channel } from './channel.ts'
import { composeMessage } from './compose.ts'
import type { Control } from './control.ts'
import { Explainer } from './explain.ts'
import type { Invite } from './grants.ts'
import { Links } from './links.ts'
import type { ChannelName } from './names.ts'
import type { Pushed } from './outbox.ts'
import { type Accepted, Pipeline } from './pipeline.ts'
import { relayCopy, shouldRelayTo } from './policy/relay.ts'
import { largestMessage } from './policy/size.ts'
import { createYield, Sequence } from './sequence.ts'
import { encodeMessage, type SidechannelMessage } from './wire.ts'

export interface Received {
  readonly channel: ChannelName
  readonly message: SidechannelMessage
  /** Who wrote it is proven. */
  readonly verified: boolean
}

/** Somebody wants a channel opened; nothing in it is verified. */
export interface Asked {
  readonly control: Extract<Control, { control: 'open_channel' }>
  readonly neighbour: Hex32
  readonly from: Hex32
  /** Who wrote it is proven. */
  readonly verified: boolean
}

export type Sent =
  | { readonly ok: true; readonly id: string; readonly neighbours: number; readonly queued: number }
  | { readonly ok: false; readonly reason: SendRefusal }

export interface TrafficHandlers {
  onmessage(received: Received): void
  onrequest(asked: Asked): void
  /** Sessions, welcome or authorisations of the channel are others than before. */
  onchange(channel: Channel): void
  ondrop(channel: Channel, reason: DropReason): void
}

/** What goes in and out on all channels: frames, copies for others, and the controls that open doors. */
export class Traffic {
  readonly pipeline: Pipeline
  readonly links: Links
  readonly explain: Explainer
  readonly #node: IntercomNode
  readonly #log: Log
  readonly #handlers: TrafficHandlers
  readonly #maxBytes: number
  readonly #sends = new Sequence()
  /** Apart, so that neighbours who come and go do not hold up what we have to say. */
  readonly #controls = new Sequence()
  readonly #yieldNow: () => Promise<void>
  #closing = false

  constructor(node: IntercomNode, log: Log, handlers: TrafficHandlers) {
    const { config } = node
    const { sidechannelRateBytes: rate, sidechannelRateBurst: burst, sidechannelMaxBytes: maxBytes } = config
    this.#node = node
    this.#log = log
    this.#handlers = handlers
    this.#maxBytes = largestMessage({ maxBytes, rate, burst })
    this.#yieldNow = createYield(node.now)
    this.explain = new Explainer(log, config.sidechannelDebug)
    this.links = new Links({ rate, burst, maxStrikes: config.sidechannelMaxStrikes }, node.now)
    this.pipeline = new Pipeline({
      self: node.key,
      maxBytes,
      maxSkewMs: config.sidechannelMaxSkew * 1000,
      allowUnsigned: config.sidechannelAllowUnsigned
    })
  }

  handlersOf(channel: Channel): ProtocolHandlers {
    return {
      onopen: (session) => {
        this.#sendAuth(channel, session)
        this.#sendWelcome(channel, session)
        this.#handlers.onchange(channel)
      },
      onmessage: (session, frame) => this.#handleFrame(channel, session, frame),
      ondrain: (session) => this.links.of(session.neighbour).outbox.handleDrain(),
      onclose: (session) => {
        channel.handleClosed(session)
        this.#handlers.onchange(channel)
      }
    }
  }

  /** To every authorised neighbour, after all that was sent before. Null when the plane is closing. */
  send(channel: Channel, message: unknown, invite: Invite | null): Promise<Sent | null> {
    return this.#sends.run(async () => {
      const composed = await this.#compose(channel, message, invite)
      return composed?.ok ? this.#distribute(channel, composed.message, composed.frame) : composed
    })
  }

  /** Our invite is a new one: who was shown an older one has to see it. */
  proveAgain(channel: Channel): void {
    for (const session of channel.sessions) this.#sendAuth(channel, session)
  }

  /** The owner's welcome is a new one. */
  welcomeAgain(channel: Channel): void {
    channel.forgetAnnouncements()
    for (const session of channel.sessions) this.#sendWelcome(channel, session)
  }

  async close(): Promise<void> {
    this.#closing = true
    this.links.closeAll()
    await Promise.all([this.#sends.settled(), this.#controls.settled()])
  }

  #handleFrame(channel: Channel, session: Session, frame: Uint8Array): void {
    const link = this.links.of(session.neighbour)
    const now = this.#node.now()
    const invitedUntil = channel.neighbourInvitedUntil(link.key)
    const verdict = this.pipeline.check({ frame, channel, neighbour: link, invitedUntil, now })
    this.explain.warnOfClock(this.pipeline.skew)
    if (!verdict.ok) {
      this.explain.dropped(channel.policy.channel, link.key, verdict.reason, verdict.message)
      this.#handlers.ondrop(channel, verdict.reason)
      return
    }
    const { message, control, proof, invite } = verdict
    if (invite !== null) {
      channel.authorise(link.key, invite, now)
      this.#sendWelcome(channel, session)
      this.#handlers.onchange(channel)
    }
    channel.counts.received++
    this.#relay(channel, verdict, link.key)
    const verified = proof !== 'none'
    if (control === null) this.#handlers.onmessage({ channel: channel.policy.channel, message, verified })
    else if (control.control === 'open_channel') {
      this.#handlers.onrequest({ control, neighbour: link.key, from: message.from, verified })
    } else this.#handleHandshake(channel, session, control)
  }

  #handleHandshake(
    channel: Channel,
    session: Session,
    control: Exclude<Control, { control: 'open_channel' }>
  ): void {
    const { key } = session.neighbour
    const now = this.#node.now()
    const wasAuthorised = channel.isAuthorised(key, now)
    const accepted =
      control.control === 'auth'
        ? channel.acceptAuth(key, control.invite, now)
        : channel.acceptWelcome(control.welcome)
    if (!accepted) {
      this.explain.about(channel.policy.channel, key, `${control.control} not valid, from`)
      return
    }
    // The owner waits with its welcome until the neighbour has proven that it may have it.
    if (control.control === 'auth') this.#sendWelcome(channel, session)
    if (!wasAuthorised && channel.invite?.welcome !== undefined) this.#sendAuth(channel, session)
    this.#handlers.onchange(channel)
  }

  #sendAuth(channel: Channel, session: Session): void {
    const { invite } = channel
    const now = this.#node.now()
    if (!channel.mustProve || invite === null || !channel.maySelf(now)) return
    // Whoever has proven nothing yet may see who we are, but not the welcome that our invite holds.
    const { payload, sig } = invite
    const shown = channel.isAuthorised(session.neighbour.key, now) ? invite : { payload, sig }
    // Payloads that overtake the proof would be dropped.
    channel.proving(session)
    this.#sendControl(channel, session, { control: 'auth', invite: shown }).finally(() =>
      channel.proven(session)
    )
  }

  #sendWelcome(channel: Channel, session: Session): void {
    if (!channel.shouldWelcome(session, this.#node.now())) return
    void this.#sendControl(channel, session, { control: 'welcome', welcome: channel.welcome })
  }

  /** To one neighbour only, ahead of what waits. Settles when it was sent, or could not be. */
  async #sendControl(channel: Channel, session: Session, control: object): Promise<void> {
    try {
      await this.#controls.run(async () => {
        // A neighbour that opens and closes at its leisure is not worth the work.
        if (!session.open) return
        const composed = await this.#compose(channel, control, null)
        if (!composed?.ok || !session.open) return
        const mayGo = () => true
        const outgoing = { session, frame: composed.frame, mayGo }
        if (this.links.of(session.neighbour).outbox.push(outgoing, 'first') === 'full') this.#full(channel)
      })
    } catch (error) {
      this.#log.error('a control message was not sent', { error: messageOf(error) })
    }
  }

  #relay(channel: Channel, { message, proof }: Accepted, cameFrom: Hex32): void {
    const { sidechannelRelay: relay, sidechannelTtl: ttl } = this.#node.config
    const others = channel.sessions.filter(({ neighbour: { key } }) => {
      return shouldRelayTo(key, message, cameFrom) && this.#mayHave(channel, key)
    })
    if (others.length === 0) return
    const copy = relayCopy(message, proof, { relay, ttl, self: this.#node.key })
    if (copy === null) return
    const frame = encodeMessage(copy)
    for (const session of others) {
      const outcome = this.#push(channel, session, frame)
      if (outcome === 'sent' || outcome === 'queued') channel.counts.relayed++
    }
  }

  #distribute(channel: Channel, message: SidechannelMessage, frame: Uint8Array): Sent {
    this.pipeline.rememberOwn(message, this.#node.now())
    const outcomes = channel.sessions
      .filter(({ neighbour: { key } }) => this.#mayHave(channel, key))
      .map((session) => this.#push(channel, session, frame))
    const queued = outcomes.filter((outcome) => outcome === 'queued').length
    const neighbours = queued + outcomes.filter((outcome) => outcome === 'sent').length
    if (neighbours === 0 && outcomes.includes('full')) return { ok: false, reason: 'rate_limited' }
    channel.counts.sent++
    return { ok: true, id: message.id, neighbours, queued }
  }

  #mayHave(channel: Channel, neighbour: Hex32): boolean {
    if (channel.isAuthorised(neighbour, this.#node.now())) return true
    this.explain.about(channel.policy.channel, neighbour, 'skip (unauthorized)')
    return false
  }

  #push(channel: Channel, session: Session, frame: Uint8Array): Pushed {
    if (!session.open) return 'gone'
    if (!channel.isProving(session)) return this.#pushNow(channel, session, frame)
    // Behind the proof that is on its way, and behind what waits for it already.
    channel.proving(session)
    void this.#controls.run(async () => {
      channel.proven(session)
      if (session.open) this.#pushNow(channel, session, frame)
    })
    return 'queued'
  }

  #pushNow(channel: Channel, session: Session, frame: Uint8Array): Pushed {
    const { key } = session.neighbour
    const mayGo = () => channel.isAuthorised(key, this.#node.now())
    const outcome = this.links.of(session.neighbour).outbox.push({ session, frame, mayGo }, 'rest')
    if (outcome === 'full') this.#full(channel)
    return outcome
  }

  #full(channel: Channel): void {
    channel.drops.add('queue')
    this.#handlers.ondrop(channel, 'queue')
  }

  #compose(channel: Channel, message: unknown, invite: Invite | null) {
    const { config, signer, now } = this.#node
    return composeMessage({
      ...{ channel: channel.policy.channel, message, ts: now(), ttl: config.sidechannelTtl, signer },
      ...(invite === null ? {} : { invite }),
      powBits: channel.policy.powBits,
      maxBytes: this.#maxBytes,
      yieldNow: this.#yieldNow,
      shouldStop: () => this.#closing
    })
  }
}
