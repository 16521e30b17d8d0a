import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import b4a from 'b4a'
import fs from '#fs'
import net from '#net'
import path from '#path'
import tls from '#tls'
import { createLog } from '../../../src/base/log.ts'
import type { ServerFlags } from '../../../src/http/binding.ts'
import { GuardedServer, type GuardedServerOptions } from '../../../src/http/guarded-server.ts'
import { PROJECT } from '../../helpers/peer.ts'
import type { Scope } from '../../helpers/tmp.ts'

export const LOOPBACK = '127.0.0.1'
export const CERT = fixture('tls-cert.pem')
export const KEY = fixture('tls-key.pem')
export const OTHER_KEY = fixture('tls-other-key.pem')
export const TLS = { cert: CERT, key: KEY }

export const FLAGS: ServerFlags = {
  host: '--sc-bridge-host',
  port: '--sc-bridge-port',
  tlsCert: '--sc-bridge-tls-cert',
  tlsKey: '--sc-bridge-tls-key',
  insecureRemote: '--sc-bridge-insecure-remote',
  allowHost: '--sc-bridge-allow-host',
  allowOrigin: '--sc-bridge-allow-origin'
}

export type Options = Partial<GuardedServerOptions>

function fixture(name: string): string {
  return path.join(PROJECT, 'tests', 'fixtures', name)
}

/** A server that has not been opened, and the lines it logs. */
export function createServer(
  t: Scope,
  options: Options = {}
): { readonly server: GuardedServer; readonly lines: string[] } {
  const lines: string[] = []
  const server = new GuardedServer({
    host: LOOPBACK,
    port: 0,
    tls: null,
    allowHosts: [],
    allowOrigins: [],
    insecureRemote: false,
    flags: FLAGS,
    log: createLog({ level: 'debug', json: false, now: () => 0, write: (line) => lines.push(line) }),
    ...options
  })
  t.teardown(() => server.close())
  server.get('/healthz', () => ({ status: 200, contentType: 'application/json', body: '{"ok":true}' }))
  return { server, lines }
}

export async function openServer(
  t: Scope,
  options: Options = {}
): Promise<{ readonly server: GuardedServer; readonly port: number; readonly lines: string[] }> {
  const made = createServer(t, options)
  await made.server.ready()
  return { ...made, port: made.server.address.port }
}

/** Resolves once the server has heard of the end of every connection. */
export async function drained(server: GuardedServer): Promise<void> {
  while (server.connections.sockets > 0) await new Promise((resolve) => setImmediate(resolve))
}

interface ClientOptions {
  readonly secure?: boolean
  readonly host?: string
  /** Goes on when the other side has ended. */
  readonly halfOpen?: boolean
}

/** A client that says exactly what it is told to, and hears all that comes. */
export class Client {
  readonly closed: Promise<void>
  readonly connected: Promise<void>
  readonly #raw: Socket
  readonly #socket: Duplex
  readonly #waiting = new Set<() => void>()
  #text = ''
  #isClosed = false
  #isBroken = false

  constructor(port: number, options: ClientOptions = {}) {
    const { secure = false, host = LOOPBACK, halfOpen = false } = options
    const where = { port, host, allowHalfOpen: halfOpen }
    this.#raw = net.createConnection(where)
    this.connected = new Promise((resolve) => this.#raw.once('connect', () => resolve()))
    this.#socket = secure ? secured(this.#raw) : this.#raw
    // A connection that is refused or cut is what many of these tests are about.
    for (const socket of [this.#raw, this.#socket]) {
      socket.on('error', () => {
        this.#isBroken = true
      })
    }
    this.#socket.on('data', (data: Uint8Array) => {
      this.#text += b4a.toString(data)
      this.#changed()
    })
    this.#socket.on('end', () => {
      if (!halfOpen) this.#socket.end()
    })
    this.closed = new Promise((resolve) => {
      this.#raw.on('close', () => {
        this.#isClosed = true
        this.#socket.destroy()
        this.#changed()
        resolve()
      })
    })
  }

  /** All that came so far. */
  get text(): string {
    return this.#text
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** It ended with an error: what was written was not taken. */
  get isBroken(): boolean {
    return this.#isBroken
  }

  get status(): number {
    return Number(/^HTTP\/1\.1 (\d{3}) /.exec(this.#text)?.[1] ?? 0)
  }

  write(bytes: string | Uint8Array): this {
    this.#socket.write(typeof bytes === 'string' ? b4a.from(bytes) : bytes)
    return this
  }

  /** Resolves once it is on its way, or nothing is any more. */
  wrote(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#socket.write(bytes, () => resolve()))
  }

  /** Writes below TLS. */
  writeRaw(bytes: Uint8Array): this {
    this.#raw.write(bytes)
    return this
  }

  /** Resolves once the text has come; fails when the connection ends without it. */
  async saw(text: string): Promise<void> {
    while (!this.#text.includes(text)) {
      if (this.#isClosed) throw new Error(`closed after ${JSON.stringify(this.#text)}, without ${text}`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  /** Reads nothing until `resume`. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Says no more. */
  end(): void {
    this.#socket.end()
  }

  /** Ends without a goodbye of TLS. */
  destroy(): void {
    this.#raw.destroy()
  }

  #changed(): void {
    for (const wake of this.#waiting) wake()
    this.#waiting.clear()
  }
}

function secured(raw: Socket): Duplex {
  const options = { isServer: false, host: 'localhost', ca: fs.readFileSync(CERT), rejectUnauthorized: true }
  return new tls.TLSSocket(raw, options as tls.TLSSocketOptions)
}

/** Everything that comes back for these bytes, until the other side has closed. */
export async function exchange(
  port: number,
  bytes: string | Uint8Array,
  options: { readonly secure?: boolean } = {}
): Promise<Client> {
  const client = new Client(port, options)
  client.write(bytes)
  await client.closed
  return client
}

export interface RequestParts {
  readonly method?: string
  readonly target?: string
  readonly version?: string
  /** `null`: none at all. */
  readonly host?: string | null
  readonly headers?: readonly string[]
}

/** The head of a request as it goes over the wire. */
export function requestText(port: number, parts: RequestParts = {}): string {
  const { method = 'GET', target = '/healthz', version = 'HTTP/1.1', host = `${LOOPBACK}:${port}` } = parts
  const lines = [`${method} ${target} ${version}`, ...(host === null ? [] : [`Host: ${host}`])]
  return `${[...lines, ...(parts.headers ?? [])].join('\r\n')}\r\n\r\n`
}

export const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
]

export function upgradeText(port: number, parts: RequestParts = {}): string {
  return requestText(port, { target: '/', headers: UPGRADE, ...parts })
}
