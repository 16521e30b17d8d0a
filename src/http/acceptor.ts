import type { AddressInfo, Server, Socket } from 'node:net'
import b4a from 'b4a'
import sodium from 'sodium-universal'
import net from '#net'
import process from '#process'
import { messageOf, systemCode } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { createComplaint } from './complaint.ts'
import { type ListenFlags, listen } from './listen.ts'
import { type EndReason, PendingSockets } from './pending.ts'
import type { SecureSocket } from './tls.ts'

/** One connection until its client has authenticated. */
export interface Lease {
  /** Of the other side, without a port. */
  readonly remoteAddress: string
  /** The client has become a WebSocket. */
  upgraded(): void
  /** The client has authenticated: from now on only its own side ends it. False when it is ended already. */
  release(): boolean
  /** Called when its place or its time is up, to say goodbye; the socket is destroyed right after. */
  onend: ((reason: EndReason) => void) | null
}

export interface Connection {
  readonly lease: Lease
  /** One request is answered on each: what follows it is not heard. */
  isServed: boolean
  /** While the body of that request is read: it cannot be, nothing more comes of it. */
  onfault: (() => void) | null
}

export interface Counts {
  readonly accepted: number
  readonly evicted: number
  readonly expired: number
}

export interface AcceptorOptions {
  readonly secure: SecureSocket | null
  readonly pending: { readonly max: number; readonly timeMs: number }
  readonly log: Log
  /** A connection that may speak HTTP now: under TLS its handshake is done. */
  readonly onsocket: (socket: Socket, connection: Connection) => void
}

// An expired client has so long to read why; an evicted one goes at once, so that there are never more.
const GOODBYE: Record<EndReason, number> = { expired: 1000, evicted: 0 }
// How long a peer that vanished without a word is kept.
const KEEP_ALIVE = 60_000

/** Listens, and owns every connection from its first moment to its last. */
export class Acceptor {
  readonly #options: AcceptorOptions
  readonly #server: Server
  readonly #pending: PendingSockets
  readonly #sockets = new Set<Socket>()
  readonly #counts = { accepted: 0, evicted: 0, expired: 0 }
  readonly #complainOfEnd: ReturnType<typeof createComplaint>
  readonly #complainOfAccept: ReturnType<typeof createComplaint>
  #timer: ReturnType<typeof setTimeout> | null = null
  #isClosing = false

  constructor(options: AcceptorOptions) {
    const { log, pending } = options
    this.#options = options
    this.#pending = new PendingSockets({ ...pending, random })
    this.#complainOfEnd = createComplaint(log, 'connections that did not authenticate were closed', now)
    this.#complainOfAccept = createComplaint(log, 'a connection could not be accepted', now)
    this.#server = net.createServer(
      { allowHalfOpen: false, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE },
      (raw) => this.#handleConnection(raw)
    )
  }

  get counts(): Counts {
    return { ...this.#counts }
  }

  /** Connections that are open, and those of them that have not authenticated. */
  get open(): { readonly sockets: number; readonly pending: number } {
    return { sockets: this.#sockets.size, pending: this.#pending.size }
  }

  async listen(host: string, port: number, flags: ListenFlags): Promise<AddressInfo> {
    const address = await listen(this.#server, { host, port }, flags)
    // A process out of file descriptors goes on with those it has.
    this.#server.on('error', (error) =>
      this.#complainOfAccept({ reason: systemCode(error) ?? messageOf(error) })
    )
    return address
  }

  async close(): Promise<void> {
    this.#isClosing = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const ends = [...this.#sockets].map((raw) => new Promise((resolve) => raw.once('close', resolve)))
    if (this.#server.listening) ends.push(new Promise((resolve) => this.#server.close(resolve)))
    for (const raw of this.#sockets) raw.destroy()
    await Promise.all(ends)
  }

  #handleConnection(raw: Socket): void {
    // Errors of a connection are its end, and "close" follows each; unheard they would end the process.
    raw.on('error', () => {})
    if (this.#isClosing) {
      raw.destroy()
      return
    }
    this.#counts.accepted++
    this.#sockets.add(raw)
    const connection = this.#createConnection(raw)
    raw.once('close', () => {
      this.#sockets.delete(raw)
      connection.lease.release()
    })
    try {
      if (this.#options.secure === null) this.#options.onsocket(raw, connection)
      else this.#startTls(raw, connection, this.#options.secure)
    } catch (error) {
      this.#complainOfAccept({ reason: messageOf(error) })
      raw.destroy()
    }
  }

  #createConnection(raw: Socket): Connection {
    let goodbye: ReturnType<typeof setTimeout> | null = null
    raw.once('close', () => {
      if (goodbye !== null) clearTimeout(goodbye)
    })
    const remoteAddress = addressOf(raw)
    const place = this.#pending.add(remoteAddress, now(), (reason) => {
      this.#counts[reason]++
      this.#complainOfEnd({ reason })
      if (lease.onend === null) {
        raw.destroy()
        return
      }
      goodbye = setTimeout(() => raw.destroy(), GOODBYE[reason])
      try {
        lease.onend(reason)
      } catch (error) {
        this.#options.log.error('a handler failed', { at: 'end of a connection', reason: messageOf(error) })
      }
    })
    const lease: Lease = { ...place, remoteAddress, onend: null }
    this.#watch()
    return { lease, isServed: false, onfault: null }
  }

  #startTls(raw: Socket, connection: Connection, secure: SecureSocket): void {
    const socket = secure(raw)
    // As with the connection below it: "close" follows each.
    socket.on('error', () => {})
    // Bare frees nothing of it when the connection ends within the handshake, or without its goodbye.
    raw.once('close', () => socket.destroy())
    let hasBegun = false
    const begin = () => {
      if (hasBegun) return
      hasBegun = true
      this.#options.onsocket(socket, connection)
    }
    // The end of the handshake has one name on Node and one on Bare.
    socket.once('secure', begin)
    socket.once('connect', begin)
  }

  #watch(): void {
    const delay = this.#pending.delay(now())
    if (this.#timer !== null || delay === null || this.#isClosing) return
    this.#timer = setTimeout(
      () => {
        this.#timer = null
        this.#pending.expire(now())
        this.#watch()
      },
      Math.max(1, Math.ceil(delay))
    )
  }
}

function addressOf(raw: Socket): string {
  // An IPv4 client of a socket for both families.
  return (raw.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/i, '')
}

/** Below `count`, which is so small that the remainder favours nobody worth mentioning. */
function random(count: number): number {
  const bytes = b4a.alloc(4)
  sodium.randombytes_buf(bytes)
  return bytes.reduce((number, byte) => number * 256 + byte, 0) % count
}

/** Milliseconds, from a clock that setting the time does not move. */
function now(): number {
  return process.uptime() * 1000
}
