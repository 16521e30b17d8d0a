import type { Socket } from 'node:net'
import b4a from 'b4a'
import fs from '#fs'
import http from '#http'
import net from '#net'
import path from '#path'
import tls from '#tls'
import { upgradeResponse } from '../../../src/websocket/handshake.ts'
import { type FrameEvent, FrameReader } from '../../../src/websocket/reader.ts'
import { type ConnectionOptions, WebSocketConnection } from '../../../src/websocket/socket.ts'
import { Heard } from '../../helpers/heard.ts'
import { PROJECT } from '../../helpers/peer.ts'
import { clientFrame, type RawFrame, RawWebSocket } from '../../helpers/raw-websocket.ts'
import type { Scope } from '../../helpers/tmp.ts'

/** What a reader may hold besides the message: a header and a control frame. */
const BESIDES = 14 + 125

/** The events of a stream that comes in these pieces. Throws when the reader holds more than it may. */
export function readPieces(pieces: Iterable<Uint8Array>, limit: number): FrameEvent[] {
  const reader = new FrameReader(limit)
  const events: FrameEvent[] = []
  for (const piece of pieces) {
    reader.push(b4a.from(piece))
    for (let event = reader.next(); event !== null; event = reader.next()) events.push(event)
    if (reader.held > limit + BESIDES) throw new Error(`${reader.held} bytes held`)
  }
  return events
}

/** Cut at these places, in whatever order they are given. */
export function* cutAt(bytes: Uint8Array, places: readonly number[]): Generator<Uint8Array> {
  let from = 0
  for (const place of [...places].sort((a, b) => a - b)) {
    const to = Math.min(place, bytes.byteLength)
    yield bytes.subarray(from, to)
    from = to
  }
  yield bytes.subarray(from)
}

export function* cutEvery(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += size) yield bytes.subarray(at, at + size)
}

/** Whether cutting makes no difference, and nothing is thrown or held that may not be. */
export function readsTheSame(bytes: Uint8Array, limit: number): boolean {
  const whole = JSON.stringify(readPieces([bytes], limit))
  return [1, 3, 7, 64].every((size) => JSON.stringify(readPieces(cutEvery(bytes, size), limit)) === whole)
}

/** What clients send who keep to the protocol. */
export function soundStreams(): Uint8Array[] {
  const long = { payload: 'é'.repeat(100) }
  const streams: RawFrame[][] = [
    [
      { payload: '{"type":"auth","token":"0123"}' },
      { payload: 'é€😀' },
      { opcode: 8, payload: '\u0003reason' }
    ],
    [
      { payload: 'a', fin: false },
      { opcode: 9, payload: 'ping' },
      { opcode: 0, fin: false },
      { ...long, opcode: 0 }
    ],
    [long, { opcode: 10, payload: 'x'.repeat(125) }, { ...long, key: [1, 2, 3, 4] }, { payload: '' }],
    [
      { payload: 'x'.repeat(126) },
      { payload: 'x'.repeat(174), fin: false },
      { opcode: 0, payload: 'y'.repeat(126) }
    ]
  ]
  return streams.map((frames) => b4a.concat(frames.map(clientFrame)))
}

/** One end of a connection, with all that its handlers were told. */
export class Served {
  readonly messages = new Heard<string>()
  readonly closes = new Heard<number>()
  readonly drains = new Heard<number>()
  readonly faults = new Heard<unknown>()
  onmessage: (text: string) => void = () => {}
  onclose: () => void = () => {}
  ondrain: () => void = () => {}
  readonly connection: WebSocketConnection

  constructor(connect: (served: Served) => WebSocketConnection) {
    this.connection = connect(this)
  }
}

export interface Server {
  readonly port: number
  readonly served: Heard<Served>
  client(): Promise<[client: RawWebSocket, served: Served]>
}

export interface ServerOptions extends Partial<ConnectionOptions> {
  readonly tls?: boolean
}

function fixture(name: string): Uint8Array {
  return fs.readFileSync(path.join(PROJECT, 'tests', 'fixtures', name))
}

/** TLS over a connection; the end of its handshake has one name on Node and one on Bare. */
function secure(raw: Socket, begin: (socket: tls.TLSSocket) => void): void {
  const pair = { cert: fixture('tls-cert.pem'), key: fixture('tls-key.pem') }
  const secureContext = tls.createSecureContext?.({ cert: b4a.from(pair.cert), key: b4a.from(pair.key) })
  const options = { isServer: true, ...(secureContext === undefined ? pair : { secureContext }) }
  const socket = new tls.TLSSocket(raw, options as tls.TLSSocketOptions)
  socket.on('error', () => {})
  socket.once('secure', () => begin(socket)).once('connect', () => begin(socket))
}

/** The smallest server there can be: whoever asks is served. */
export async function openServer(t: Scope, options: ServerOptions = {}): Promise<Server> {
  const { tls = false, limit = 1024, ...others } = options
  const served = new Heard<Served>()
  const server = http.createServer()
  server.on('upgrade', (request, socket, head) => {
    socket.write(upgradeResponse(request.headers['sec-websocket-key'] ?? ''))
    const one = new Served((self) => {
      const handlers = {
        onmessage: (text: string) => {
          self.messages.add(text)
          self.onmessage(text)
        },
        onclose: (code: number) => {
          self.closes.add(code)
          self.onclose()
        },
        ondrain: () => {
          self.drains.add(self.connection.bufferedBytes)
          self.ondrain()
        },
        onfault: (error: unknown) => self.faults.add(error)
      }
      return new WebSocketConnection(socket, head, handlers, { limit, ...others })
    })
    served.add(one)
  })
  const listener = net.createServer({ allowHalfOpen: true }, (raw) => {
    raw.on('error', () => {})
    if (tls) secure(raw, (socket) => server.emit('connection', socket))
    else server.emit('connection', raw)
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  t.teardown(
    () => {
      for (const { connection } of served.all) connection.destroy()
      return new Promise((resolve) => listener.close(resolve))
    },
    { order: 50 }
  )
  const { port } = listener.address() as { port: number }
  let before: Promise<unknown> = Promise.resolve()
  return {
    port,
    served,
    client: () => {
      // One after the other, so that it is known who is who.
      const begun = before.then(async (): Promise<[RawWebSocket, Served]> => {
        const count = served.all.length
        const client = await RawWebSocket.connect(t, port, { tls })
        await served.count(count + 1)
        return [client, served.all[count] as Served]
      })
      before = begun
      return begun
    }
  }
}

/** Messages one after the other, each sent when the one before has been read: time for whatever else may happen. */
export async function roundTrips(
  client: RawWebSocket,
  messages: Heard<string>,
  count: number
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const heard = messages.all.length
    client.sendText('and now')
    await messages.count(heard + 1)
  }
}
