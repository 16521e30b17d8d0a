import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import ReadyResource from 'ready-resource'
import http from '#http'
import { IntercomError, messageOf, systemCode } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { sayLast } from '../base/stream.ts'
import { Acceptor, type Connection, type Counts, type Lease } from './acceptor.ts'
import { checkLists, type Lists, ownName, remoteRefused, type ServerFlags } from './binding.ts'
import { type Body, type BodyLimits, BodyReader } from './body.ts'
import { Exchange } from './exchange.ts'
import {
  createGate,
  type Headers,
  MALFORMED,
  MAX_HEADERS,
  NOTHING,
  notAllowed,
  pathOf,
  type RequestHead,
  requestFault,
  upgradeFault
} from './gate.ts'
import { isLoopbackHost } from './host.ts'
import { type Reply, replyBytes, textReply } from './reply.ts'
import { createTls, type TlsFiles } from './tls.ts'

export interface GuardedServerOptions extends Lists {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly tls: TlsFiles | null
  /** Beyond loopback without TLS. */
  readonly insecureRemote: boolean
  readonly flags: ServerFlags
  readonly log: Log
  readonly pending?: { readonly max?: number; readonly timeMs?: number }
  /** Pages of every origin may ask. */
  readonly anyOrigin?: boolean
  /** Parameters that may stand in a URL although they are called like a secret. */
  readonly parameters?: readonly string[]
  readonly body?: Partial<BodyLimits>
  /** The form that this server gives to all it says; text unless told otherwise. */
  readonly dress?: (reply: Reply) => Reply
  /**
   * A WebSocket may begin: Host, Origin, path and its headers are in order. The answer is the owner's, and so
   * is the lease: released at authentication, or the socket is destroyed when it ends.
   */
  readonly onupgrade?: UpgradeHandler
}

export type UpgradeHandler = (
  request: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
  lease: Lease
) => void
export type RouteHandler = (request: RouteRequest) => Reply | Promise<Reply>

export interface RouteRequest {
  readonly headers: Headers
  readonly lease: Lease
  /** As it came, with its parameters. */
  readonly url: string
  /** Nothing of it is read before somebody asks, once; of a request without one it is empty. */
  readBody(): Promise<Body>
}

type Routes = ReadonlyMap<string, RouteHandler>

const PENDING = { max: 64, timeMs: 10_000 }
const BODY: BodyLimits = { maxBytes: 64 * 1024, timeMs: 10_000, totalBytes: 16 * 1024 * 1024 }
const MAX_HEADER_BYTES = 8192
const REFUSED: Readonly<Record<string, Reply>> = {
  HPE_HEADER_OVERFLOW: textReply(431, 'Header too large.'),
  HEADER_OVERFLOW: textReply(431, 'Header too large.')
}

/**
 * An HTTP server that expects the worst of everybody: it answers only whom it knows to mean it (Host,
 * Origin), one request on each connection, and keeps few connections of those who have not proven themselves.
 */
export class GuardedServer extends ReadyResource {
  readonly #options: GuardedServerOptions
  readonly #bodies: BodyReader
  /** By path, then by method. */
  readonly #routes = new Map<string, Map<string, RouteHandler>>()
  #preflight: RouteHandler | null = null
  readonly #connections = new WeakMap<object, Connection>()
  readonly #http: Server
  #acceptor: Acceptor | null = null
  #address: AddressInfo | null = null
  #gate: (head: RequestHead) => Reply | null = () => textReply(503, 'Not ready.')

  constructor(options: GuardedServerOptions) {
    super()
    this.#options = options
    this.#bodies = new BodyReader({ ...BODY, ...options.body })
    this.#http = this.#createHttp()
  }

  get address(): AddressInfo {
    if (this.#address === null) throw new IntercomError('closed', 'The server does not listen.')
    return this.#address
  }

  get isSecure(): boolean {
    return (this.#options.tls?.cert ?? null) !== null
  }

  get counts(): Counts {
    return this.#acceptor?.counts ?? { accepted: 0, evicted: 0, expired: 0 }
  }

  get connections(): { readonly sockets: number; readonly pending: number } {
    return this.#acceptor?.open ?? { sockets: 0, pending: 0 }
  }

  /** Answers GET and HEAD of exactly this path. */
  get(path: string, handler: RouteHandler): void {
    this.#route(path, ['GET', 'HEAD'], handler)
  }

  /** Answers POST of exactly this path. */
  post(path: string, handler: RouteHandler): void {
    this.#route(path, ['POST'], handler)
  }

  /** Answers OPTIONS of every path: what a browser asks before it lets a page ask. */
  preflight(handler: RouteHandler): void {
    this.#preflight = handler
  }

  protected override async _open(): Promise<void> {
    const { host, port, flags, log } = this.#options
    checkLists(this.#options, flags)
    const secure = await createTls(this.#options.tls, flags)
    const mayBeRemote = secure !== null || this.#options.insecureRemote
    if (!mayBeRemote && !isLoopbackHost(host)) throw remoteRefused(host, flags)
    const acceptor = new Acceptor({
      secure,
      log,
      pending: { ...PENDING, ...this.#options.pending },
      onsocket: (socket, connection) => this.#handleSocket(socket, connection)
    })
    const address = await acceptor.listen(host.replace(/^\[(.*)\]$/, '$1'), port, flags)
    // What a name stands for is known only now.
    if (!mayBeRemote && !isLoopbackHost(address.address)) {
      await acceptor.close()
      throw remoteRefused(host, flags)
    }
    this.#gate = createGate({
      flags,
      host: address.address,
      port: address.port,
      defaultPort: secure === null ? 80 : 443,
      allowHosts: [...this.#options.allowHosts, ...ownName(host, address.port)],
      allowOrigins: this.#options.allowOrigins,
      anyOrigin: this.#options.anyOrigin ?? false,
      parameters: this.#options.parameters ?? []
    })
    this.#acceptor = acceptor
    this.#address = address
  }

  protected override async _close(): Promise<void> {
    await this.#acceptor?.close()
  }

  /**
   * It never listens itself: connections are handed to it, each with its lease. A lease is shorter than any
   * time limit of its own.
   */
  #createHttp(): Server {
    const options = {
      maxHeaderSize: MAX_HEADER_BYTES,
      insecureHTTPParser: false,
      // Two Hosts must look like two; one that is missing is answered here.
      joinDuplicateHeaders: true,
      requireHostHeader: false,
      // Bare's own: 0 would be no limit, and a WebSocket begins without a body.
      maxHeadersCount: MAX_HEADERS,
      maxUpgradeBodySize: 1
    }
    const server = http.createServer(options)
    const handle = (request: IncomingMessage, response: ServerResponse) => {
      this.#handleRequest(request, response)
    }
    server.on('request', handle)
    // The answer to somebody who waits with his body is the final one.
    server.on('checkContinue', handle)
    server.on('checkExpectation', handle)
    server.on('connect', (_request, socket) => this.#refuse(socket, notAllowed('CONNECT')))
    server.on('upgrade', (request, socket, head) => this.#handleUpgrade(request, socket, head))
    server.on('clientError', (error, socket) => this.#handleClientError(error, socket))
    return server
  }

  #handleSocket(socket: Socket, connection: Connection): void {
    this.#connections.set(socket, connection)
    this.#http.emit('connection', socket)
  }

  #route(path: string, methods: readonly string[], handler: RouteHandler): void {
    const known = this.#routes.get(path) ?? new Map()
    for (const method of methods) known.set(method, handler)
    this.#routes.set(path, known)
  }

  #routesOf(path: string, method: string): Routes {
    if (method === 'OPTIONS' && this.#preflight !== null) return new Map([[method, this.#preflight]])
    return this.#routes.get(path) ?? new Map()
  }

  #handleRequest(request: IncomingMessage, response: ServerResponse): void {
    const connection = this.#connections.get(request.socket)
    if (connection === undefined || connection.isServed) return
    connection.isServed = true
    const { url = '', method = '', headers } = request
    const path = pathOf(url)
    const onfail = (error: unknown) => this.#complain(path, error)
    const [bodies, dress] = [this.#bodies, this.#dress]
    const exchange = new Exchange(request, response, { connection, bodies, dress, onfail })
    const fail = (error: unknown) => {
      onfail(error)
      exchange.send(textReply(500, 'This is a fault of the program.'))
    }
    const routes = this.#routesOf(path, method)
    const handler = routes.get(method)
    const refusal = this.#gate(request) ?? requestFault(request, [...routes.keys()])
    if (refusal !== null || handler === undefined) {
      exchange.send(refusal ?? NOTHING)
      return
    }
    try {
      const { lease } = connection
      // At once where it can be: what the client says next may be a reason to hang up.
      const reply = handler({ headers, lease, url, readBody: () => exchange.readBody() })
      if (reply instanceof Promise) reply.then((made) => exchange.send(made), fail)
      else exchange.send(reply)
    } catch (error) {
      fail(error)
    }
  }

  #dress = (reply: Reply): Reply => this.#options.dress?.(reply) ?? reply

  #complain(at: string, error: unknown): void {
    this.#options.log.error('a handler failed', { at, reason: messageOf(error) })
  }

  #handleUpgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    const connection = this.#connections.get(socket)
    const { onupgrade } = this.#options
    // HTTP has taken its listeners away; an error is the end of the connection, and "close" follows it.
    socket.on('error', () => {})
    if (connection === undefined || connection.isServed) {
      socket.destroy()
      return
    }
    const isOffered = onupgrade !== undefined && pathOf(request.url ?? '') === '/'
    const refusal = this.#gate(request) ?? (isOffered ? upgradeFault(request) : NOTHING)
    if (refusal !== null || onupgrade === undefined) {
      this.#refuse(socket, refusal ?? NOTHING)
      return
    }
    connection.isServed = true
    try {
      onupgrade(request, socket, head, connection.lease)
      connection.lease.upgraded()
    } catch (error) {
      this.#complain('upgrade', error)
      socket.destroy()
    }
  }

  #handleClientError(error: Error, socket: Duplex): void {
    const connection = this.#connections.get(socket)
    // What was answered ends by itself, and only after its answer.
    if (connection?.isServed) {
      connection.onfault?.()
      return
    }
    if (!socket.writable || socket.destroyed) socket.destroy()
    else this.#refuse(socket, REFUSED[systemCode(error) ?? ''] ?? MALFORMED)
  }

  #refuse(socket: Duplex, reply: Reply): void {
    const connection = this.#connections.get(socket)
    if (connection !== undefined) connection.isServed = true
    sayLast(socket, replyBytes(this.#dress(reply)))
  }
}
