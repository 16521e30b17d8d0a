import type { Hex32 } from '../../src/base/hex.ts'
import { DropCounter } from '../../src/base/reasons.ts'
import type { Protocol, Session } from '../../src/network/protocols.ts'
import { type Invite, verifyInvite, verifyWelcome, type Welcome } from './grants.ts'
import type { ChannelState } from './pipeline.ts'
import type { ChannelPolicy } from './policy/channel-policy.ts'
import { isAuthorised } from './policy/uninvited.ts'

/** One joined channel: its rules, what was proven in it, and who takes part. No I/O but its sessions. */
export class Channel implements ChannelState {
  readonly drops = new DropCounter()
  /** Messages accepted, sent and passed on. */
  readonly counts = { received: 0, sent: 0, relayed: 0 }
  readonly self: Hex32
  policy: ChannelPolicy
  welcome: Welcome | null = null
  invite: Invite | null = null
  protocol: Protocol | null = null
  /** Left, or the plane is closing: nothing goes out any more. */
  closed = false
  /** Until when each neighbour's invite authorises it. */
  readonly #invitedUntil = new Map<Hex32, number>()
  readonly #announced = new Set<Session>()
  /** Sessions that our proof is on its way to, with how much waits for it. */
  readonly #proving = new Map<Session, { messages: number; bytes: number }>()

  constructor(policy: ChannelPolicy, self: Hex32) {
    this.policy = policy
    this.self = self
  }

  get welcomed(): boolean {
    return this.welcome !== null
  }

  get invitedUntil(): number {
    return this.invite?.payload.expiresAt ?? 0
  }

  get isOwner(): boolean {
    return this.policy.owner === this.self
  }

  /** A joiner shows its invite first; who may invite needs none. */
  get mustProve(): boolean {
    return this.policy.inviteRequired && !this.policy.inviters.has(this.self)
  }

  get sessions(): Session[] {
    return [...(this.protocol?.sessions.values() ?? [])]
  }

  neighbourInvitedUntil(neighbour: Hex32): number {
    return this.#invitedUntil.get(neighbour) ?? 0
  }

  /** Whether payloads may go to, and are taken from, this neighbour at this moment. */
  isAuthorised(neighbour: Hex32, now: number): boolean {
    return isAuthorised(this.policy, neighbour, this.neighbourInvitedUntil(neighbour), now)
  }

  /** Whether this node itself may take part. */
  maySelf(now: number): boolean {
    return isAuthorised(this.policy, this.self, this.invitedUntil, now)
  }

  /** Until the invite runs out, over however many connections: its holder is proven by each of them. */
  authorise(neighbour: Hex32, invite: Invite, now: number): void {
    for (const [key, until] of this.#invitedUntil) if (now >= until) this.#invitedUntil.delete(key)
    const until = Math.max(this.neighbourInvitedUntil(neighbour), invite.payload.expiresAt)
    this.#invitedUntil.set(neighbour, until)
    this.acceptWelcome(invite.welcome)
  }

  /** Takes an invite that a neighbour presents; the welcome inside counts too. */
  acceptAuth(neighbour: Hex32, value: unknown, now: number): boolean {
    const { channel, inviters } = this.policy
    const verdict = verifyInvite(value, { channel, presenter: neighbour, inviters, now })
    if (!verdict.ok) return false
    this.authorise(neighbour, verdict.invite, now)
    return true
  }

  acceptWelcome(value: unknown): boolean {
    if (value === undefined) return false
    const verdict = verifyWelcome(value, this.policy.channel, this.policy.owner)
    if (!verdict.ok) return false
    // An older one is as valid, and must not take the place of what the owner says now.
    const known = this.welcome?.payload.issuedAt ?? Number.NEGATIVE_INFINITY
    if (verdict.welcome.payload.issuedAt >= known) this.welcome = verdict.welcome
    return true
  }

  /** Takes an invite made out to this node. */
  acceptInvite(value: unknown, now: number): boolean {
    const { channel, inviters } = this.policy
    const verdict = verifyInvite(value, { channel, presenter: this.self, inviters, now })
    if (!verdict.ok) return false
    this.invite = verdict.invite
    this.acceptWelcome(verdict.invite.welcome)
    return true
  }

  /** The rules changed; what was proven under the old ones has to hold under the new. */
  handlePolicy(policy: ChannelPolicy, now: number): void {
    this.policy = policy
    const { welcome, invite } = this
    this.welcome = null
    this.invite = null
    if (welcome !== null) this.acceptWelcome(welcome)
    if (invite !== null) this.acceptInvite(invite, now)
  }

  /** Whether the owner's welcome is still to be sent on this session; asking counts as sending. */
  shouldWelcome(session: Session, now: number): boolean {
    if (!this.isOwner || this.welcome === null || this.#announced.has(session)) return false
    if (!this.isAuthorised(session.neighbour.key, now)) return false
    this.#announced.add(session)
    return true
  }

  /** A new welcome is news to everybody. */
  forgetAnnouncements(): void {
    this.#announced.clear()
  }

  forgetAnnouncement(session: Session): void {
    this.#announced.delete(session)
  }

  /** What follows on this session waits until `proven` was called as often. */
  proving(session: Session, bytes = 0): void {
    const waiting = this.provingOf(session) ?? { messages: 0, bytes: 0 }
    this.#proving.set(session, { messages: waiting.messages + 1, bytes: waiting.bytes + bytes })
  }

  proven(session: Session, bytes = 0): void {
    const waiting = this.provingOf(session)
    if (waiting === null || waiting.messages === 1) this.#proving.delete(session)
    else this.#proving.set(session, { messages: waiting.messages - 1, bytes: waiting.bytes - bytes })
  }

  /** How much waits for our proof; null when there is nothing to wait for. */
  provingOf(session: Session): { readonly messages: number; readonly bytes: number } | null {
    return this.#proving.get(session) ?? null
  }

  handleClosed(session: Session): void {
    this.#announced.delete(session)
  }
}
