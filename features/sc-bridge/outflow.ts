import { HOLD_TIME } from '../../src/bridge/limits.ts'
import type { WebSocketConnection } from '../../src/websocket/socket.ts'
import { Feed, type FeedEvent, type FeedOptions } from './feed.ts'

/** How much of the history is looked at for one client in one turn. */
const LOOK_BYTES = 64 * 1024

/** What goes out to one client, as fast as it takes it. */
export class Outflow {
  readonly #connection: WebSocketConnection
  readonly #feed: Feed
  #writable = true
  #goesOn = false
  #closed = false
  #held: ReturnType<typeof setTimeout> | null = null

  constructor(connection: WebSocketConnection, options: FeedOptions) {
    this.#connection = connection
    this.#feed = new Feed(options)
  }

  get replyBytes(): number {
    return this.#feed.replyBytes
  }

  get waitingBytes(): number {
    return this.#feed.waitingBytes
  }

  reply(frame: Uint8Array): void {
    if (this.#closed) return
    this.#feed.reply(frame)
    this.#pump()
  }

  event(event: FeedEvent): void {
    this.#feed.event(event)
    this.#pump()
  }

  change(key: string, frame: Uint8Array): void {
    this.#feed.change(key, frame)
    this.#pump()
  }

  loseChanges(count: number): void {
    this.#feed.loseChanges(count)
    this.#pump()
  }

  keepWatched(wants: (key: string) => boolean, wantsChat: boolean): void {
    this.#feed.keepWatched(wants, wantsChat)
  }

  /** From these numbers on the channels come from the history. */
  resumeAll(positions: ReadonlyMap<string, number>): void {
    this.#feed.resumeAll(positions)
  }

  stop(channel: string): void {
    this.#feed.stop(channel)
  }

  /** A client that comes back asks for what it missed right away; what is new comes after that. */
  hold(): void {
    this.release()
    this.#held = setTimeout(() => {
      this.release()
      this.#pump()
    }, HOLD_TIME)
  }

  /** It has said what it wants: its next reply goes first, then what waits. */
  release(): void {
    if (this.#held !== null) clearTimeout(this.#held)
    this.#held = null
  }

  handleDrain(): void {
    this.#writable = true
    this.#pump()
  }

  handleClose(): void {
    this.#closed = true
    this.release()
  }

  #pump(): void {
    const look = { bytes: LOOK_BYTES }
    while (this.#writable && !this.#closed) {
      const frame = this.#feed.next(look, this.#held !== null)
      if (frame === null) break
      this.#writable = this.#connection.send(frame)
    }
    if (look.bytes > 0 || !this.#writable || this.#closed || this.#goesOn) return
    // Others have their turn before this one looks on.
    this.#goesOn = true
    setImmediate(() => {
      this.#goesOn = false
      this.#pump()
    })
  }
}
