import { messageOf } from '../../src/base/errors.ts'
import type { Hex32 } from '../../src/base/hex.ts'
import type { Log } from '../../src/base/log.ts'
import type { DropReason } from '../../src/base/reasons.ts'
import type { ProtocolHandlers, Session } from '../../src/network/protocols.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { Channel } from './channel.ts'
import { type ComposeOptions, composeMessage } from './compose.ts'
import type { Control } from './control.ts'
import { Delivery } from './delivery.ts'
import { Explainer } from './explain.ts'
import type { Invite } from './grants.ts'
import { Links } from './links.ts'
import { createWorkMeter } from './metrics.ts'
import type { Outgoing } from './outbox.ts'
import type { Asked, Received, Sent } from './outcomes.ts'
import { type Accepted, Pipeline } from './pipeline.ts'
import { handshakeFault } from './policy/handshake.ts'
import { relayCopy, shouldRelayTo } from './policy/relay.ts'
import { refusalToSend } from './policy/send.ts'
import { largestCopy, largestMessage } from './policy/size.ts'
import { createYield, Sequence } from './sequence.ts'
import { encodeMessage, jsonBytes, type SidechannelMessage } from './wire.ts'

export interface TrafficHandlers {
  onmessage(received: Received): void
  /** Why it is refused, or null. */
  onrequest(asked: Asked): DropReason | null
  /** Sessions, welcome or authorisations of the channel are others than before. */
  onchange(channel: Channel): void
  ondrop(channel: Channel, reason: DropReason): void
}

type Fate = Pick<Outgoing, 'mayGo' | 'onlost'>

/** What goes in and out on all channels: frames, copies for others, and the controls that open doors. */
export class Traffic {
  readonly pipeline: Pipeline
  readonly links: Links
  readonly explain: Explainer
  readonly #node: IntercomNode
  readonly #log: Log
  readonly #handlers: TrafficHandlers
  readonly #maxBytes: number
  readonly #maxCopyBytes: number
  readonly #sends = new Sequence()
  /** Apart, so that neighbours who come and go do not hold up what we have to say. */
  readonly #controls = new Sequence()
  readonly #delivery: Delivery
  readonly #work: Pick<ComposeOptions, 'yieldNow' | 'meter'>
  #closing = false

  constructor(node: IntercomNode, log: Log, handlers: TrafficHandlers) {
    const { config } = node
    const { sidechannelRateBytes: rate, sidechannelRateBurst: burst, sidechannelMaxBytes: maxBytes } = config
    this.#node = node
    this.#log = log
    this.#handlers = handlers
    this.#maxBytes = largestMessage({ maxBytes, rate, burst })
    this.#maxCopyBytes = largestCopy({ maxBytes, rate, burst })
    this.#work = { yieldNow: createYield(node.now), meter: createWorkMeter(node.metrics) }
    this.explain = new Explainer(log, config.sidechannelDebug)
    this.links = new Links({ rate, burst, maxStrikes: config.sidechannelMaxStrikes }, node.now)
    this.#delivery = new Delivery({
      ...{ links: this.links, controls: this.#controls, explain: this.explain, log, now: node.now },
      ondrop: handlers.ondrop
    })
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

  /** To every authorised neighbour, after all that was sent before. Null when the channel was closed. */
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
    this.explain.warnOfClock(this.pipeline.skew, now)
    if (!verdict.ok) {
      link.drops++
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
    this.#relay(channel, verdict, link.key)
    const verified = proof !== 'none'
    const refusal =
      control?.control === 'open_channel'
        ? this.#handlers.onrequest({ control, neighbour: link.key, from: message.from, verified })
        : control !== null && !this.#handleHandshake(channel, session, control)
          ? handshakeFault(channel.policy, control.control)
          : null
    if (refusal !== null) {
      link.drops++
      this.#drop(channel, link.key, refusal, message)
      return
    }
    channel.counts.received++
    if (control === null) this.#handlers.onmessage({ channel: channel.policy.channel, message, verified })
  }

  /** What passed the pipeline, and is not taken or passed on all the same. */
  #drop(channel: Channel, neighbour: Hex32, reason: DropReason, message: SidechannelMessage): void {
    channel.drops.add(reason)
    this.explain.dropped(channel.policy.channel, neighbour, reason, message)
    this.#handlers.ondrop(channel, reason)
  }

  #handleHandshake(
    channel: Channel,
    session: Session,
    control: Exclude<Control, { control: 'open_channel' }>
  ): boolean {
    const { key } = session.neighbour
    const now = this.#node.now()
    const wasAuthorised = channel.isAuthorised(key, now)
    const accepted =
      control.control === 'auth'
        ? channel.acceptAuth(key, control.invite, now)
        : channel.acceptWelcome(control.welcome)
    if (!accepted) {
      this.explain.about(channel.policy.channel, key, `${control.control} not valid, from`)
      return false
    }
    // The owner waits with its welcome until the neighbour has proven that it may have it.
    if (control.control === 'auth') this.#sendWelcome(channel, session)
    if (control.control === 'auth' && !wasAuthorised) this.#handOnWelcome(channel, session)
    this.#handlers.onchange(channel)
    return true
  }

  /** Once on a session, for each invite (spec/sidechannel 1.6). */
  #sendAuth(channel: Channel, session: Session): void {
    const { invite } = channel
    const now = this.#node.now()
    if (!channel.mustProve || invite === null || !channel.maySelf(now)) return
    // Whoever has proven nothing may see who we are, but not the welcome that our invite holds.
    const { payload, sig } = invite
    const onlost = () => this.#prove(channel, session, { payload, sig }, { mayGo: () => true })
    this.#prove(channel, session, invite, { mayGo: this.#whileAuthorised(channel, session), onlost })
  }

  #prove(channel: Channel, session: Session, invite: Invite, fate: Fate): void {
    // Payloads that overtake the proof would be dropped.
    channel.proving(session)
    this.#sendControl(channel, session, { control: 'auth', invite }, fate).finally(() =>
      channel.proven(session)
    )
  }

  #sendWelcome(channel: Channel, session: Session): void {
    if (!channel.shouldWelcome(session, this.#node.now())) return
    // Whoever proves itself again gets what it could not have when its invite had run out.
    const onlost = () => channel.forgetAnnouncement(session)
    const mayGo = this.#whileAuthorised(channel, session)
    void this.#sendControl(channel, session, welcomeOf(channel), { mayGo, onlost })
  }

  /** What our invite held when we showed it, to who has now proven that it may have it. */
  #handOnWelcome(channel: Channel, session: Session): void {
    if (!channel.mustProve || channel.invite?.welcome === undefined || channel.welcome === null) return
    const mayGo = this.#whileAuthorised(channel, session)
    void this.#sendControl(channel, session, welcomeOf(channel), { mayGo })
  }

  #whileAuthorised(channel: Channel, { neighbour: { key } }: Session): () => boolean {
    return () => channel.isAuthorised(key, this.#node.now())
  }

  /** To one neighbour only, ahead of what waits. Settles when it was sent, or could not be. */
  async #sendControl(
    channel: Channel,
    session: Session,
    control: object,
    { mayGo, onlost }: Fate
  ): Promise<void> {
    try {
      await this.#controls.run(async () => {
        // A neighbour that opens and closes at its leisure is not worth the work.
        if (!session.open) return
        const composed = mayGo() ? await this.#compose(channel, control, null) : null
        if (!composed?.ok) return onlost?.()
        const { message, frame } = composed
        // The outbox asks again whether it may go: the work on it takes a while.
        const outgoing = { session, frame, mayGo, onlost }
        if (this.#delivery.push(channel, message, outgoing, 'first') === 'full') onlost?.()
      })
    } catch (error) {
      onlost?.()
      this.#log.error('a control message was not sent', { error: messageOf(error) })
    }
  }

  #relay(channel: Channel, { message, proof }: Accepted, cameFrom: Hex32): void {
    const { sidechannelRelay: relay, sidechannelTtl: ttl } = this.#node.config
    const others = channel.sessions.filter(({ neighbour: { key } }) => {
      return shouldRelayTo(key, message, cameFrom) && this.#delivery.mayHave(channel, key)
    })
    if (others.length === 0) return
    const copy = relayCopy(message, proof, { relay, ttl, self: this.#node.key })
    if (copy === null) return
    const frame = encodeMessage(copy)
    // `relayedBy` makes it longer: the others would drop it, and hold it against us.
    if (jsonBytes(frame) > this.#maxCopyBytes) {
      this.#drop(channel, cameFrom, 'size', message)
      return
    }
    for (const session of others) {
      const outcome = this.#delivery.payload(channel, copy, session, frame, 'relayed')
      if (outcome === 'sent' || outcome === 'queued') channel.counts.relayed++
    }
  }

  #distribute(channel: Channel, message: SidechannelMessage, frame: Uint8Array): Sent | null {
    if (channel.closed) return null
    const { key, now } = this.#node
    // The work on it takes a while, in which an invite may run out.
    const reason = refusalToSend(channel.policy, key, channel.invitedUntil, now())
    if (reason !== null) return { ok: false, reason }
    const outcomes = channel.sessions
      .filter(({ neighbour: { key } }) => this.#delivery.mayHave(channel, key))
      .map((session) => this.#delivery.payload(channel, message, session, frame, 'own'))
    const queued = outcomes.filter((outcome) => outcome === 'queued').length
    const neighbours = queued + outcomes.filter((outcome) => outcome === 'sent').length
    if (neighbours === 0 && outcomes.includes('full')) return { ok: false, reason: 'rate_limited' }
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
      ...this.#work,
      shouldStop: () => this.#closing || channel.closed
    })
  }
}

function welcomeOf({ welcome }: Channel): object {
  return { control: 'welcome', welcome }
}
