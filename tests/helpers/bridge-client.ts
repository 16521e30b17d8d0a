import type { SidechannelMessage } from '../../src/bridge/types.ts'
import { TOKEN } from './bridge.ts'
import { RawWebSocket } from './raw-websocket.ts'
import type { Scope } from './tmp.ts'

export type Json = { readonly type: string; readonly [field: string]: unknown }

export function isMessage(event: Json): event is Json & SidechannelMessage {
  return event.type === 'sidechannel_message'
}

/** A client that knows the token and nothing else of ours: every message is taken from a plain WebSocket. */
export class RawClient {
  readonly socket: RawWebSocket
  #id = 0
  /** What came while something else was waited for. */
  readonly #waiting: Json[] = []

  static async connect(t: Scope, port: number, token = TOKEN): Promise<RawClient> {
    const client = new RawClient(await RawWebSocket.connect(t, port))
    const hello = await client.next()
    if (hello.type !== 'hello') throw new Error(`expected hello, got ${JSON.stringify(hello)}`)
    client.socket.sendJson({ type: 'auth', token })
    const answer = await client.next()
    if (answer.type !== 'auth_ok') throw new Error(`expected auth_ok, got ${JSON.stringify(answer)}`)
    return client
  }

  constructor(socket: RawWebSocket) {
    this.socket = socket
  }

  /** The next message of any kind, in the order in which they came. */
  async next(): Promise<Json> {
    const known = this.#waiting.shift()
    if (known !== undefined) return known
    for (;;) {
      const event = await this.socket.next()
      if (event.kind === 'text') return JSON.parse(event.text)
      if (event.kind !== 'ping') throw new Error(`the bridge closed: ${JSON.stringify(event)}`)
      this.socket.sendFrame({ opcode: 10, payload: event.payload })
    }
  }

  /** The next event; replies to `ask` are taken by it. */
  async nextMessage(): Promise<Json & SidechannelMessage> {
    for (;;) {
      const event = await this.next()
      if (isMessage(event)) return event
    }
  }

  /** The reply to this request, whatever comes before it. */
  async ask(request: object): Promise<Json> {
    const id = ++this.#id
    this.socket.sendJson({ id, ...request })
    const skipped: Json[] = []
    for (;;) {
      const reply = await this.next()
      if (reply.id === id) {
        this.#waiting.unshift(...skipped)
        return reply
      }
      skipped.push(reply)
    }
  }

  destroy(): void {
    this.socket.destroy()
  }
}
