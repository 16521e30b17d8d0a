import { messageOf } from '../../src/base/errors.ts'
import type { Hex32 } from '../../src/base/hex.ts'
import type { Log } from '../../src/base/log.ts'
import type { DropReason } from '../../src/base/reasons.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { Channel } from './channel.ts'
import type { Credentials } from './credentials.ts'
import type { ChannelName } from './names.ts'
import type { Asked, JoinOutcome } from './outcomes.ts'
import type { ChannelPolicy } from './policy/channel-policy.ts'
import {
  checkRequest,
  type OpenRequest,
  PendingRequests,
  type RequestFault,
  verifiedWelcome
} from './requests.ts'

type Fault = RequestFault | 'not allowed'

/** As what a refused request counts. That nobody may ask is no fault of who does. */
const DROPS: Readonly<Record<Fault, DropReason | null>> = {
  welcome: 'welcome',
  invite: 'uninvited',
  'not allowed': null
}

export interface OpeningsPlane {
  readonly channels: ReadonlyMap<ChannelName, Channel>
  policyOf(name: ChannelName): ChannelPolicy
  join(name: ChannelName, credentials: Credentials): JoinOutcome
}

export interface OpeningsEvents {
  /** Somebody has to look at it. */
  onrequest(request: OpenRequest): void
  onrefused(name: ChannelName, from: Hex32, fault: Fault): void
  /** A channel that is joined has heard its welcome. */
  onwelcomed(channel: Channel): void
}

/** What becomes of requests to open a channel: refused, followed at once, or kept until somebody accepts them. */
export class Openings {
  readonly pending = new PendingRequests()
  readonly #node: IntercomNode
  readonly #log: Log
  readonly #plane: OpeningsPlane
  readonly #events: OpeningsEvents

  constructor(node: IntercomNode, log: Log, plane: OpeningsPlane, events: OpeningsEvents) {
    this.#node = node
    this.#log = log
    this.#plane = plane
    this.#events = events
  }

  /** As what it counts when it is dropped; null: it is not. */
  handle({ control, neighbour, from, verified }: Asked): DropReason | null {
    const { config, key: self, now } = this.#node
    const name = control.channel
    if (name === null) return null
    const joined = this.#plane.channels.get(name)
    if (joined !== undefined) {
      if (joined.acceptWelcome(verifiedWelcome(control, joined.policy) ?? undefined))
        this.#events.onwelcomed(joined)
      return null
    }
    const context = { policy: this.#plane.policyOf(name), self, neighbour, from, verified, now: now() }
    const request = config.sidechannelAllowRemoteOpen ? checkRequest(control, name, context) : 'not allowed'
    if (typeof request === 'string') {
      this.#events.onrefused(name, from, request)
      return DROPS[request]
    }
    const mayJoin = config.sidechannelAutoJoin && this.pending.allowAutoJoin(neighbour)
    if (mayJoin && this.#autoJoin(request)) return null
    if (this.pending.add(request)) this.#events.onrequest(request)
    return null
  }

  /** Joins the channel with what came along; null: nobody has asked. What does not succeed may be tried again. */
  accept(name: ChannelName, credentials: Credentials): JoinOutcome | null {
    const request = this.pending.take(name)
    if (request === null) return null
    let outcome: JoinOutcome | null = null
    try {
      outcome = this.#plane.join(name, { ...credentialsOf(request), ...credentials })
    } finally {
      if (!outcome?.ok) this.pending.add(request)
    }
    return outcome
  }

  /** `false` when it is for somebody to look at. */
  #autoJoin(request: OpenRequest): boolean {
    try {
      return this.#plane.join(request.channel, credentialsOf(request)).ok
    } catch (error) {
      this.#log.error('a channel was not joined as asked', { error: messageOf(error) })
      return false
    }
  }
}

function credentialsOf({ welcome, invite }: OpenRequest): Credentials {
  return { ...(welcome === null ? {} : { welcome }), ...(invite === null ? {} : { invite }) }
}
