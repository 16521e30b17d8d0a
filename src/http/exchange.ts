import type { IncomingMessage, ServerResponse } from 'node:http'
import b4a from 'b4a'
import { sayLast } from '../base/stream.ts'
import type { Connection } from './acceptor.ts'
import { type Body, type BodyReader, CUT } from './body.ts'
import { hasBody, MALFORMED, one } from './gate.ts'
import { type Reply, replyBytes, sendReply } from './reply.ts'

export interface ExchangeOptions {
  readonly connection: Connection
  readonly bodies: BodyReader
  /** The form that this server gives to all it says. */
  readonly dress: (reply: Reply) => Reply
  readonly onfail: (error: unknown) => void
}

/** What is still read and forgotten of a body that nobody wants, so that its sender comes to read why. */
const FORGOTTEN = { bytes: 16 * 1024 * 1024, timeMs: 5000 }

/** One request and its one answer. */
export class Exchange {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #options: ExchangeOptions
  #isAnswered = false
  /** Nothing more comes: all was said, or its sender is gone. */
  #isOver: 'said' | 'gone' | null = null

  constructor(request: IncomingMessage, response: ServerResponse, options: ExchangeOptions) {
    this.#request = request
    this.#response = response
    this.#options = options
    // Whoever leaves before the answer is there ends the stream with an error.
    for (const stream of [request, response]) stream.on('error', () => {})
    // Nobody may be reading yet: an empty body ends by itself.
    request.on('end', () => {
      this.#isOver ??= 'said'
    })
    request.on('close', () => {
      this.#isOver ??= 'gone'
    })
  }

  /** The first answer counts. */
  send(reply: Reply): void {
    if (this.#isAnswered) return
    this.#isAnswered = true
    try {
      const dressed = this.#options.dress(reply)
      const isUnread = hasBody(this.#request.headers) && !this.#request.complete
      if (isUnread) sendEarly(this.#request, dressed)
      else sendReply(this.#response, dressed)
    } catch (error) {
      this.#options.onfail(error)
      this.#request.socket.destroy()
    }
  }

  /** To be asked for once, by whoever knows that the client may send it. */
  async readBody(): Promise<Body> {
    const { connection, bodies } = this.#options
    const refusal = bodies.refusal(this.#request)
    if (refusal !== null) return refusal
    if (this.#isOver !== null) return this.#isOver === 'said' ? b4a.alloc(0) : CUT
    if (expectsContinue(this.#request)) this.#response.writeContinue()
    return bodies.read(this.#request, (stop) => {
      connection.onfault = stop === null ? null : () => this.#fail(stop)
    })
  }

  /** At once, and past the response: what cannot be parsed is the end of HTTP on this connection. */
  #fail(stop: (reply: Reply) => void): void {
    this.#isAnswered = true
    sayLast(this.#request.socket, replyBytes(this.#options.dress(MALFORMED)))
    stop(MALFORMED)
  }
}

/** Past the response, which would close the socket with bytes unread and so lose what it said. */
function sendEarly(request: IncomingMessage, reply: Reply): void {
  const said = request.method === 'HEAD' ? { ...reply, body: '' } : reply
  sayLast(request.socket, replyBytes(said), FORGOTTEN.timeMs, FORGOTTEN.bytes)
  request.resume()
}

function expectsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion !== '1.0' && one(headers.expect)?.toLowerCase() === '100-continue'
}
