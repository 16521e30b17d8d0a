/** What is used of the events of a WebSocket. */
export interface SocketEvent {
  readonly data?: unknown
  readonly code?: number
  readonly reason?: string
  readonly message?: string
}

/** What is used of the standard WebSocket interface. */
export interface WebSocketLike {
  addEventListener(
    type: 'open' | 'message' | 'error' | 'close',
    // `unknown`: every runtime has a class of its own for each of the events.
    listener: (event: unknown) => void
  ): void
  send(data: string): void
  close(code?: number, reason?: string): void
}

export type WebSocketClass = new (url: string) => WebSocketLike
