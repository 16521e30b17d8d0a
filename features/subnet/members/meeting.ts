import { messageOf } from '../../../src/base/errors.ts'
import type { Log } from '../../../src/base/log.ts'
import type { Network } from '../../../src/network/network.ts'
import type { Protocol, Session } from '../../../src/network/protocols.ts'
import { decodeMessage, type MemberMessage } from './messages.ts'

export interface MeetingHandlers {
  onopen(session: Session): void
  onmessage(session: Session, message: MemberMessage): void
  onclose(session: Session): void
}

/** One name under which members of a subnet meet: a topic of the DHT and a protocol on their connections. */
export class Meeting {
  readonly #network: Network
  readonly #topic: Uint8Array
  readonly #protocol: Protocol

  constructor(network: Network, topic: Uint8Array, protocol: string, handlers: MeetingHandlers) {
    this.#network = network
    this.#topic = topic
    this.#protocol = network.protocol(protocol, {
      onopen: handlers.onopen,
      onmessage(session, bytes) {
        const message = decodeMessage(bytes)
        if (message !== null) handlers.onmessage(session, message)
      },
      onclose: handlers.onclose
    })
  }

  get sessions(): readonly Session[] {
    return [...this.#protocol.sessions.values()]
  }

  /** Resolves once it is announced. */
  join(): Promise<void> {
    return this.#network.join(this.#topic)
  }

  async close(): Promise<void> {
    this.#protocol.close()
    await this.#network.leave(this.#topic)
  }
}

/** Finds neighbours before there is anything to say to them. Returns what ends that. */
export function joinTopics(network: Network, topics: readonly Uint8Array[], log: Log): () => void {
  for (const topic of topics) void network.join(topic)
  let joined = true
  return () => {
    // Whoever leaves last withdraws the announcement, and nobody waits for that.
    for (const topic of joined ? topics : []) {
      network.leave(topic).catch((error: unknown) => {
        log.debug('leaving failed', { error: messageOf(error) })
      })
    }
    joined = false
  }
}
