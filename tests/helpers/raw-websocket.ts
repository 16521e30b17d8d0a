import type { Duplex } from 'node:stream'
import b4a from 'b4a'
import net from '#net'
import tls from '#tls'
import type { Scope } from './tmp.ts'

export interface RawFrame {
  readonly opcode?: number
  readonly fin?: boolean
  /** The three reserved bits, as a number from 0 to 7. */
  readonly rsv?: number
  readonly masked?: boolean
  readonly key?: readonly number[]
  readonly payload?: string | Uint8Array
  /** What the header says, whatever the payload is. */
  readonly declaredLength?: number | bigint
  /** Bytes of the length, where it should not be the shortest form. */
  readonly lengthBytes?: 0 | 2 | 8
}

export interface RawRequest {
  readonly method?: string
  readonly path?: string
  readonly host?: string
  /** The certificate is not looked at. */
  readonly tls?: boolean
  /** Added to those of a sound handshake, or in place of them; null leaves one out, a list repeats it. */
  readonly headers?: Readonly<Record<string, string | readonly string[] | null>>
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type RawEvent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'ping' | 'pong'; readonly payload: Uint8Array }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  /** The other side ended, or the connection broke. */
  | { readonly kind: 'gone' }

const LOOPBACK = '127.0.0.1'
const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** One frame as a client sends it, or as none should. */
export function clientFrame(frame: RawFrame): Uint8Array {
  const {
    opcode = 1,
    fin = true,
    rsv = 0,
    masked = true,
    key = [0x37, 0xfa, 0x21, 0x3d],
    payload = ''
  } = frame
  const bytes = typeof payload === 'string' ? b4a.from(payload) : b4a.from(payload)
  const length = BigInt(frame.declaredLength ?? bytes.byteLength)
  const lengthBytes = frame.lengthBytes ?? (length < 126n ? 0 : length < 65_536n ? 2 : 8)
  const short = lengthBytes === 0 ? Number(length) : lengthBytes === 2 ? 126 : 127
  const long = Array.from({ length: lengthBytes }, (_, i) =>
    Number((length >> BigInt(8 * (lengthBytes - 1 - i))) & 255n)
  )
  const header = [(fin ? 0x80 : 0) | (rsv << 4) | opcode, (masked ? 0x80 : 0) | short, ...long]
  if (!masked) return b4a.concat([b4a.from(header), bytes])
  for (let i = 0; i < bytes.byteLength; i++) bytes[i] = (bytes[i] ?? 0) ^ (key[i % 4] ?? 0)
  return b4a.concat([b4a.from([...header, ...key]), bytes])
}

/** The text of a handshake, sound unless told otherwise. */
export function upgradeRequest(
  port: number,
  { method = 'GET', path = '/', headers = {} }: RawRequest
): string {
  const fields: Record<string, string | readonly string[] | null> = {
    host: `${LOOPBACK}:${port}`,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': KEY
  }
  for (const [name, value] of Object.entries(headers)) fields[name.toLowerCase()] = value
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    (value === null ? [] : typeof value === 'string' ? [value] : value).map((text) => `${name}: ${text}`)
  )
  return [`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

/** A connection that does nothing by itself: what goes out is what the test says, byte by byte. */
export class RawStream {
  readonly socket: Duplex
  /** Resolves once nothing more comes: the other side ended, or the connection broke. */
  readonly closed: Promise<void>
  #bytes: Uint8Array = b4a.alloc(0)
  #ended = false
  #look = () => {}

  static async open(t: Scope, port: number, at: { host?: string; tls?: boolean } = {}): Promise<RawStream> {
    const { host = LOOPBACK } = at
    const socket = at.tls
      ? tls.connect({ port, host, rejectUnauthorized: false, allowHalfOpen: true } as tls.ConnectionOptions)
      : net.connect({ port, host, noDelay: true, allowHalfOpen: true })
    const stream = new RawStream(t, socket)
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return stream
  }

  constructor(t: Scope, socket: Duplex) {
    this.socket = socket
    t.teardown(() => socket.destroy())
    this.closed = new Promise((resolve) => {
      const ended = () => {
        this.#ended = true
        this.#look()
        resolve()
      }
      // The other side may reset it at any time.
      socket.on('error', ended).on('end', ended).on('close', ended)
    })
    socket.on('data', (bytes: Uint8Array) => {
      this.#bytes = b4a.concat([this.#bytes, bytes])
      this.#look()
    })
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? b4a.from(bytes) : bytes)
  }

  /** Reads no more, so that the other side cannot write for long. */
  hold(): void {
    this.socket.pause()
  }

  release(): void {
    this.socket.resume()
  }

  /** The first bytes, as many as `measure` says once it does not say null; null when the stream ended before. */
  take(measure: (bytes: Uint8Array) => number | null): Promise<Uint8Array | null> {
    return new Promise((resolve) => {
      this.#look = () => {
        const length = measure(this.#bytes)
        if (length === null && !this.#ended) return
        this.#look = () => {}
        const taken = length === null ? null : this.#bytes.subarray(0, length)
        if (length !== null) this.#bytes = this.#bytes.subarray(length)
        resolve(taken)
      }
      this.#look()
    })
  }

  /** A whole HTTP response; null when the connection ended without one. */
  async answer(): Promise<HttpAnswer | null> {
    const head = await this.take((bytes) => {
      const end = b4a.toString(bytes, 'latin1').indexOf('\r\n\r\n')
      return end < 0 ? null : end + 4
    })
    if (head === null) return null
    const [first = '', ...lines] = b4a.toString(head).trimEnd().split('\r\n')
    const headers: Record<string, string> = {}
    for (const line of lines) {
      const colon = line.indexOf(':')
      headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
    }
    const length = Number(headers['content-length'] ?? 0)
    const body = await this.take((bytes) => (bytes.byteLength < length ? null : length))
    return { status: Number(first.split(' ')[1]), headers, body: body === null ? '' : b4a.toString(body) }
  }
}

/** Sends a request to upgrade and gives the answer, whatever it is; null when there was none. */
export async function knock(t: Scope, port: number, request: RawRequest = {}): Promise<HttpAnswer | null> {
  const stream = await RawStream.open(t, port, request)
  stream.send(upgradeRequest(port, request))
  return stream.answer()
}

/** A client of a WebSocket server without any code of that server. It answers nothing by itself. */
export class RawWebSocket {
  readonly stream: RawStream

  static async connect(t: Scope, port: number, request: RawRequest = {}): Promise<RawWebSocket> {
    const stream = await RawStream.open(t, port, request)
    stream.send(upgradeRequest(port, request))
    const answer = await stream.answer()
    if (answer?.status !== 101) throw new Error(`not upgraded: ${answer?.status} ${answer?.body}`)
    return new RawWebSocket(stream)
  }

  constructor(stream: RawStream) {
    this.stream = stream
  }

  /** Resolves once nothing more comes. */
  get closed(): Promise<void> {
    return this.stream.closed
  }

  sendRaw(bytes: string | Uint8Array): void {
    this.stream.send(bytes)
  }

  sendFrame(frame: RawFrame): void {
    this.stream.send(clientFrame(frame))
  }

  sendText(payload: string): void {
    this.sendFrame({ payload })
  }

  sendJson(value: unknown): void {
    this.sendText(JSON.stringify(value))
  }

  sendClose(code?: number, reason = ''): void {
    const status = code === undefined ? [] : [code >> 8, code & 255]
    this.sendFrame({ opcode: 8, payload: b4a.concat([b4a.from(status), b4a.from(reason)]) })
  }

  /** Says that nothing more comes, below the protocol. */
  end(): void {
    this.stream.socket.end()
  }

  destroy(): void {
    this.stream.socket.destroy()
  }

  async next(): Promise<RawEvent> {
    const frame = await this.stream.take((bytes) => frameSize(bytes))
    if (frame === null) return { kind: 'gone' }
    const payload = frame.subarray(headerSize(frame))
    switch (frame[0]) {
      case 0x81:
        return { kind: 'text', text: b4a.toString(payload) }
      case 0x88: {
        const code = payload.byteLength === 0 ? 1005 : ((payload[0] ?? 0) << 8) | (payload[1] ?? 0)
        return { kind: 'close', code, reason: b4a.toString(payload.subarray(2)) }
      }
      case 0x89:
        return { kind: 'ping', payload }
      case 0x8a:
        return { kind: 'pong', payload }
      default:
        throw new Error(`the server sent a frame that starts with ${frame[0]}`)
    }
  }

  /** The next event, which has to be a text. */
  async nextText(): Promise<string> {
    const event = await this.next()
    if (event.kind !== 'text') throw new Error(`expected a text, got ${JSON.stringify(event)}`)
    return event.text
  }

  async nextJson<T>(): Promise<T> {
    return JSON.parse(await this.nextText())
  }

  /** Everything that still comes is dropped until the server closes: the code of its close frame, or null. */
  async nextClose(): Promise<number | null> {
    for (;;) {
      const event = await this.next()
      if (event.kind === 'close') return event.code
      if (event.kind === 'gone') return null
    }
  }
}

function headerSize(frame: Uint8Array): number {
  const short = frame[1] ?? 0
  if (short > 127) throw new Error('the server masked a frame')
  return short === 127 ? 10 : short === 126 ? 4 : 2
}

function frameSize(bytes: Uint8Array): number | null {
  if (bytes.byteLength < 2) return null
  const header = headerSize(bytes)
  if (bytes.byteLength < header) return null
  let length = header === 2 ? (bytes[1] ?? 0) : 0
  for (let i = 2; i < header; i++) length = length * 256 + (bytes[i] ?? 0)
  return bytes.byteLength < header + length ? null : header + length
}
