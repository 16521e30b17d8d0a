import { type ByteStream, isGone } from '../base/stream.ts'

/**
 * What goes out to one client. All that is sent in one turn of the event loop is one write, and there is one
 * write at a time: so what is unsent is known exactly, on any stream whose `write` calls back.
 */
export class Outgoing {
  /** How many writes the socket has taken. */
  taken = 0
  readonly #socket: ByteStream
  readonly #highWater: number
  readonly #ondrain: () => void
  #queue: Uint8Array[] = []
  #queued = 0
  #writing = 0
  /** Of many pings that come while we cannot write, the last is answered: RFC 6455, section 5.5.3. */
  #pong: Uint8Array | null = null
  #scheduled = false
  #full = false
  #over = false

  constructor(socket: ByteStream, highWater: number, ondrain: () => void) {
    this.#socket = socket
    this.#highWater = highWater
    this.#ondrain = ondrain
  }

  /** Bytes that the socket has not taken yet. */
  get bytes(): number {
    return this.#queued + this.#writing + (this.#pong?.byteLength ?? 0)
  }

  send(frame: Uint8Array): boolean {
    this.#queue.push(frame)
    this.#queued += frame.byteLength
    this.#schedule()
    if (this.bytes >= this.#highWater) this.#full = true
    return !this.#full
  }

  answerPing(pong: Uint8Array): void {
    this.#pong = pong
    this.#schedule()
  }

  /** Hands all of it to the socket, which is ended next. */
  finish(): void {
    this.#write()
    this.#over = true
  }

  discard(): void {
    this.#over = true
    this.#queue = []
    this.#queued = 0
    this.#writing = 0
    this.#pong = null
  }

  #schedule(): void {
    if (this.#scheduled || this.#writing > 0 || this.#over) return
    this.#scheduled = true
    queueMicrotask(this.#handleTurn)
  }

  #handleTurn = (): void => {
    this.#scheduled = false
    if (this.#writing === 0 && !this.#over) this.#write()
  }

  #write(): void {
    // In front, since nothing may follow a close frame.
    const frames = this.#pong === null ? this.#queue : [this.#pong, ...this.#queue]
    const last = frames.pop()
    if (last === undefined) return
    this.#writing += this.#queued + (this.#pong?.byteLength ?? 0)
    this.#queue = []
    this.#queued = 0
    this.#pong = null
    this.#socket.cork()
    for (const frame of frames) this.#socket.write(frame)
    this.#socket.write(last, this.#handleTaken)
    this.#socket.uncork()
  }

  #handleTaken = (error?: Error | null): void => {
    // On Bare a write is called back, without an error, by a socket on its way down as well.
    if (this.#over || error || isGone(this.#socket)) return
    this.taken++
    this.#writing = 0
    this.#write()
    if (!this.#full || this.bytes >= this.#highWater) return
    this.#full = false
    this.#ondrain()
  }
}
