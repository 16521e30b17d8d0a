import { raw } from 'compact-encoding'
import type { Connection } from 'hyperswarm'
import type Protomux from 'protomux'
import type { Channel } from 'protomux'
import { type Hex32, hex32 } from '../base/hex.ts'
import { GuardedMux } from './mux.ts'
import { Writes } from './writes.ts'

/** On the wire. */
export interface ByteCounts {
  readonly in: number
  readonly out: number
}

/** A peer this node has a connection to. Its key is proven by the transport's handshake. */
export interface Neighbour {
  readonly key: Hex32
  readonly initiator: boolean
  readonly since: number
  bytes(): ByteCounts
  /** Round-trip time in ms, smoothed; null while it is not known. */
  rtt(): number | null
  /** Ends the connection; discovery may bring it back. */
  disconnect(): void
}

/** One protocol open on both ends of one connection. */
export interface Session {
  readonly neighbour: Neighbour
  readonly open: boolean
  /** `false` once the connection has more to carry than it takes: wait for `ondrain`. */
  readonly drained: boolean
  send(bytes: Uint8Array): boolean
  close(): void
}

/** What a plane does with its sessions. Whatever a handler throws is reported and ends only that session. */
export interface ProtocolHandlers {
  onopen?(session: Session): void
  onmessage(session: Session, bytes: Uint8Array): void
  ondrain?(session: Session): void
  onclose?(session: Session): void
}

/** A protocol spoken with every neighbour that speaks it too, until it is closed. */
export interface Protocol {
  readonly name: string
  readonly sessions: ReadonlyMap<Hex32, Session>
  close(): void
}

export type ReportFault = (protocol: string, error: unknown) => void

/** Opens each registered protocol on each connection; either may come first, on either end. */
export class Protocols {
  readonly #protocols = new Map<string, OpenProtocol>()
  readonly #links = new Map<Connection, Link>()
  readonly #reportFault: ReportFault

  constructor(reportFault: ReportFault) {
    this.#reportFault = reportFault
  }

  register(name: string, handlers: ProtocolHandlers): Protocol {
    if (this.#protocols.has(name)) throw new Error(`the protocol ${name} is registered already`)
    const protocol = new OpenProtocol(name, handlers, this.#reportFault, () => {
      this.#protocols.delete(name)
      for (const { mux } of this.#links.values()) mux.unpair({ protocol: name })
    })
    this.#protocols.set(name, protocol)
    for (const link of this.#links.values()) protocol.attach(link)
    return protocol
  }

  connected(connection: Connection, now: number): Neighbour {
    const neighbour: Neighbour = {
      key: hex32(connection.remotePublicKey),
      initiator: connection.isInitiator,
      since: now,
      bytes: () => ({ in: connection.rawBytesRead, out: connection.rawBytesWritten }),
      // Nothing was measured yet where it says 0; a stream of another kind says nothing.
      rtt: () => connection.rawStream?.rtt || null,
      disconnect: () => connection.destroy()
    }
    const mux = GuardedMux.from(connection)
    const link = { neighbour, mux, writes: new Writes(mux) }
    this.#links.set(connection, link)
    for (const protocol of this.#protocols.values()) protocol.attach(link)
    return neighbour
  }

  disconnected(connection: Connection): void {
    this.#links.delete(connection)
  }

  close(): void {
    for (const protocol of [...this.#protocols.values()]) protocol.close()
    for (const { writes } of this.#links.values()) writes.flush()
  }
}

interface Link {
  readonly neighbour: Neighbour
  readonly mux: Protomux
  readonly writes: Writes
}

class OpenProtocol implements Protocol {
  readonly name: string
  readonly sessions = new Map<Hex32, Session>()
  readonly #handlers: ProtocolHandlers
  readonly #reportFault: ReportFault
  readonly #channels = new Set<Channel>()
  readonly #onclosed: () => void
  #closed = false

  constructor(name: string, handlers: ProtocolHandlers, reportFault: ReportFault, onclosed: () => void) {
    this.name = name
    this.#handlers = handlers
    this.#reportFault = reportFault
    this.#onclosed = onclosed
  }

  attach(link: Link): void {
    // Whoever comes later still gets a session: the earlier end's offer is answered when it is repeated.
    link.mux.pair({ protocol: this.name }, () => this.#openOn(link))
    this.#openOn(link)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#onclosed()
    for (const channel of [...this.#channels]) channel.close()
  }

  #openOn({ mux, neighbour, writes }: Link): void {
    if (this.#closed) return
    let open = false
    const channel = mux.createChannel({
      protocol: this.name,
      onopen: () => {
        open = true
        this.sessions.set(neighbour.key, session)
        this.#run(session, () => this.#handlers.onopen?.(session))
      },
      ondrain: () => {
        if (channel?.opened) this.#run(session, () => this.#handlers.ondrain?.(session))
      },
      onclose: () => {
        if (channel) this.#channels.delete(channel)
        // Another connection of the same peer may have replaced this one; it is over all the same.
        if (this.sessions.get(neighbour.key) === session) this.sessions.delete(neighbour.key)
        if (open) this.#run(session, () => this.#handlers.onclose?.(session))
      }
    })
    // Open already, or the connection is going down.
    if (channel === null) return
    const message = channel.addMessage<Uint8Array>({
      encoding: raw,
      onmessage: (bytes) => this.#run(session, () => this.#handlers.onmessage(session, bytes))
    })
    const session: Session = {
      neighbour,
      get open() {
        return open && !channel.closed
      },
      get drained() {
        return channel.drained
      },
      send: (bytes) => writes.write(() => message.send(bytes), bytes.byteLength),
      close: () => channel.close()
    }
    this.#channels.add(channel)
    channel.open()
  }

  /** An exception inside Protomux would end the process or the connection, so none gets there. */
  #run(session: Session, handler: () => void): void {
    try {
      handler()
    } catch (error) {
      this.#reportFault(this.name, error)
      session.close()
    }
  }
}
