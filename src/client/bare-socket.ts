import b4a from 'b4a'
import { Socket } from '#websocket'
import type { SocketEvent, WebSocketLike } from './socket.ts'

/** A socket of Bare with as much of the standard interface as the client uses. */
export class BareWebSocket implements WebSocketLike {
  readonly #socket: Socket

  /** `ca`: PEM of the certificate to trust. */
  constructor(url: string, ca?: string) {
    // Handed on to the module for TLS, which takes it; the types leave it out.
    const tls: object = ca === undefined ? {} : { ca: b4a.from(ca) }
    this.#socket = new Socket(url, tls)
  }

  addEventListener(
    type: 'open' | 'message' | 'error' | 'close',
    listener: (event: SocketEvent) => void
  ): void {
    const socket = this.#socket
    if (type === 'open') socket.on('open', () => listener({}))
    else if (type === 'message') socket.on('data', (data) => listener({ data: String(data) }))
    else if (type === 'error') socket.on('error', (error) => listener({ message: reasonOf(error) }))
    else socket.on('close', () => listener({ code: socket.closeCode, reason: String(socket.closeReason) }))
  }

  send(data: string): void {
    if (!this.#socket.destroying) this.#socket.write(data)
  }

  close(): void {
    if (!this.#socket.destroying) this.#socket.end()
  }
}

/** Its own errors say that something went wrong; what did is the cause. */
function reasonOf({ cause, message }: Error): string {
  return cause instanceof Error ? cause.message : message
}
