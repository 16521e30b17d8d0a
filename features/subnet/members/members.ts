import b4a from 'b4a'
import ReadyResource from 'ready-resource'
import { messageOf } from '../../../src/base/errors.ts'
import type { Session } from '../../../src/network/protocols.ts'
import type { IntercomNode } from '../../../src/node.ts'
import { KEYS } from '../engine/state-keys.ts'
import type { Subnet } from '../subnet.ts'
import { Invitations, type InvitationTimes } from './invitations.ts'
import { Meeting, type MeetingHandlers } from './meeting.ts'
import type { MemberMessage } from './messages.ts'
import { channelBuffer, subnetProtocol, subnetTopic } from './place.ts'

/** In ms: when a joiner to whom nothing came is told so. */
const QUIET_MS = 30_000

/** Takes a message of one kind, told by the field that only it has. */
type Receiver = (message: MemberMessage, session: Session) => void

/**
 * Finds the other members and talks with them. A joiner does not know the ruleset before it has read the state,
 * so it is to be found under the names of both rulesets until then.
 * Events: `session` and `session-gone` (Session), of those in `sessions`.
 */
export class Members extends ReadyResource {
  readonly #subnet: Subnet
  readonly #node: IntercomNode
  readonly #invitations: Invitations
  readonly #receivers = new Map<string, Receiver>()
  /** Ruleset 2's names. */
  #meeting: Meeting | null = null
  /** Ruleset 1's names. */
  #oldMeeting: Meeting | null = null
  #announced: Promise<void> = Promise.resolve()
  #quiet: ReturnType<typeof setTimeout> | null = null

  constructor(subnet: Subnet, node: IntercomNode, times: InvitationTimes) {
    super()
    this.#subnet = subnet
    this.#node = node
    this.#invitations = new Invitations(subnet, { log: subnet.log, now: node.now, times })
    this.receive('inviteMyKey', (message, session) =>
      this.#invitations.handle(message, session.neighbour.key)
    )
  }

  /** Those one can talk with beyond what deployed peers know. */
  get sessions(): readonly Session[] {
    return this.#meeting?.sessions ?? []
  }

  /** Once this peer can be found. */
  get announced(): Promise<void> {
    return this.#announced
  }

  /** Messages that have this field go there. */
  receive(field: string, receiver: Receiver): void {
    this.#receivers.set(field, receiver)
  }

  protected override async _open(): Promise<void> {
    const { bootstrap, channel, base } = this.#subnet
    const isOwn = bootstrap === this.#subnet.writerKey && base.local.length === 0
    const rules = await this.#subnet.rulesHere()
    const meetings: Meeting[] = []
    // What is made here from now on has ruleset 2.
    if (rules?.version !== 1) {
      this.#meeting = this.#meet(subnetTopic(bootstrap), subnetProtocol(bootstrap), this.#handlers(true))
      meetings.push(this.#meeting)
    }
    if (channel !== null && rules?.version !== 2 && !isOwn) {
      const buffer = channelBuffer(channel)
      this.#oldMeeting = this.#meet(buffer, b4a.toString(buffer), this.#handlers(false))
      meetings.push(this.#oldMeeting)
    }
    this.#announced = Promise.all(meetings.map((meeting) => meeting.join())).then(() => {})
    this.#subnet.on('applied', this.#handleApplied)
    this.#subnet.on('writable', this.#handleWritable)
    this.#quiet = setTimeout(() => this.#tellQuiet(), QUIET_MS)
  }

  protected override async _close(): Promise<void> {
    this.#subnet.off('applied', this.#handleApplied)
    this.#subnet.off('writable', this.#handleWritable)
    if (this.#quiet !== null) clearTimeout(this.#quiet)
    this.#invitations.close()
    this.#leave(this.#meeting)
    this.#leave(this.#oldMeeting)
  }

  /** Whoever was given a wrong bootstrap waits for ever, like somebody who is the first to be online. */
  #tellQuiet(): void {
    const { bootstrap, writerKey, failed, log } = this.#subnet
    if (failed || bootstrap === writerKey || this.#subnet.base.system.core.length > 0) return
    log.warn(
      'nothing of this subnet has been received yet: is its bootstrap right, and a peer of it online?',
      {
        bootstrap,
        neighbours: this.sessions.length
      }
    )
  }

  /** Nobody waits for the DHT: where it is gone that takes long, and the end of the node withdraws everything. */
  #leave(meeting: Meeting | null): void {
    meeting?.close().catch((error: unknown) => {
      this.#subnet.log.debug('leaving failed', { error: messageOf(error) })
    })
  }

  readonly #handleWritable = (): void => void this.#invitations.ask()

  readonly #handleApplied = ({ changed }: { readonly changed: ReadonlySet<string> }): void => {
    if (changed.has(KEYS.autoAddWriters) || changed.has(KEYS.banned(this.#subnet.writerKey)))
      void this.#invitations.ask()
    if (changed.has(KEYS.admin) && this.#oldMeeting !== null) void this.#leaveOther()
  }

  /** The ruleset is known now, and with it which of the names are the right ones. */
  async #leaveOther(): Promise<void> {
    try {
      const rules = await this.#subnet.rules()
      if (rules?.version === 2) {
        await this.#oldMeeting?.close()
        this.#oldMeeting = null
      }
    } catch (error) {
      if (!this.closing) this.#subnet.log.warn('cannot leave the old topic', { error: messageOf(error) })
    }
  }

  #meet(topic: Uint8Array, protocol: string, handlers: MeetingHandlers): Meeting {
    return new Meeting(this.#node.network, topic, protocol, handlers)
  }

  /** Over the old names only what deployed peers say. */
  #handlers(all: boolean): MeetingHandlers {
    return {
      onopen: (session) => {
        this.#invitations.handleOpen(session)
        if (all) this.emit('session', session)
      },
      onmessage: (session, message) => {
        for (const [field, receiver] of this.#receivers) {
          if (!Object.hasOwn(message, field)) continue
          if (all || field === 'inviteMyKey') receiver(message, session)
          return
        }
      },
      onclose: (session) => {
        this.#invitations.handleClose(session)
        if (all) this.emit('session-gone', session)
      }
    }
  }
}
