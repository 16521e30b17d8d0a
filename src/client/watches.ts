import type { BridgeEvent, ChatEvent, Reply, RequestFields, StateChange } from '../bridge/types.ts'
import { ChangeStream } from './changes.ts'
import { ChatStream } from './chat.ts'
import type { BridgeError } from './errors.ts'

type WatchStream = ChangeStream | ChatStream

export interface WatchAsker {
  resolve(reply: Reply<'watch'>): void
  reject(error: BridgeError): void
}

export interface WatchWire {
  readonly connected: boolean
  /** On the connection there is now; `closed` when it goes. */
  request(type: 'watch' | 'unwatch', fields: RequestFields<'watch'>, asker: WatchAsker): void
  /** This connection is of no use any more. */
  drop(error: BridgeError): void
}

/** All iterators over the subnet share one connection, which watches what any of them wants. */
export class Watches {
  readonly #wire: WatchWire
  readonly #streams = new Set<WatchStream>()
  /** What the node was told on this connection. */
  readonly #prefixes = new Set<string>()
  #chat = false

  constructor(wire: WatchWire) {
    this.#wire = wire
  }

  add(stream: WatchStream): void {
    this.#streams.add(stream)
    if (this.#wire.connected) this.#watch([stream])
  }

  remove(stream: WatchStream): void {
    this.#streams.delete(stream)
    this.#narrow()
  }

  handleChange(change: StateChange, size: number): void {
    for (const stream of this.#streams) if (stream instanceof ChangeStream) stream.handleChange(change, size)
  }

  handleMessage(message: ChatEvent): void {
    for (const stream of this.#streams) if (stream instanceof ChatStream) stream.handleMessage(message)
  }

  handleLagged({ state, chat }: BridgeEvent<'lagged'>): void {
    for (const stream of this.#streams) {
      if (stream instanceof ChatStream) {
        if (chat !== undefined) stream.handleGap('lagged', chat)
      } else if (state) stream.handleGap('lagged')
    }
  }

  handleDisconnect(): void {
    this.#prefixes.clear()
    this.#chat = false
  }

  /** There is a new connection, and it watches nothing. */
  handleConnect(): void {
    if (this.#streams.size > 0) this.#watch([...this.#streams])
  }

  /** Nothing more comes: every iterator ends with the error, or, without one, at once. */
  close(error: BridgeError | null): void {
    for (const stream of [...this.#streams]) {
      if (error === null) stream.end()
      else stream.fail(error)
    }
  }

  #watch(streams: readonly WatchStream[]): void {
    const prefixes = [...new Set(streams.flatMap((stream) => stream.prefixes))]
    const chat = streams.some((stream) => stream.chat)
    for (const prefix of prefixes) this.#prefixes.add(prefix)
    if (chat) this.#chat = true
    this.#wire.request(
      'watch',
      { prefixes, chat },
      {
        resolve: () => {
          for (const stream of streams) {
            if (stream.ended) continue
            // Told only now: whoever reads again from here on misses nothing.
            if (stream.started) stream.handleGap('disconnected')
            else stream.handleStarted()
          }
        },
        reject: (error) => {
          // All is asked for anew on the next connection.
          if (error.code === 'closed') return
          if (error.code === 'timeout') this.#wire.drop(error)
          else for (const stream of streams) stream.fail(error)
        }
      }
    )
  }

  /** What nobody wants any more. */
  #narrow(): void {
    if (!this.#wire.connected) return
    const wanted = new Set([...this.#streams].flatMap((stream) => stream.prefixes))
    const prefixes = [...this.#prefixes].filter((prefix) => !wanted.has(prefix))
    const chat = this.#chat && ![...this.#streams].some((stream) => stream.chat)
    if (prefixes.length === 0 && !chat) return
    for (const prefix of prefixes) this.#prefixes.delete(prefix)
    if (chat) this.#chat = false
    this.#wire.request(
      'unwatch',
      { prefixes, chat },
      {
        resolve: () => {},
        reject: (error) => {
          if (error.code === 'timeout') this.#wire.drop(error)
        }
      }
    )
  }
}
