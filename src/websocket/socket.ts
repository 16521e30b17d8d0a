import {
  type ByteStream,
  hangUp,
  isGone,
  onGone,
  pauseStream,
  resumeStream,
  sendAtOnce
} from '../base/stream.ts'
import { CLOSE, closeFrame, pingFrame, pongFrame } from './frames.ts'
import { KeepAlive, type Patience } from './keep-alive.ts'
import { Outgoing } from './outgoing.ts'
import { type Budget, type FrameEvent, FrameReader } from './reader.ts'

/** What one does with its clients. Whatever `onmessage`, `ondrain` or `onclose` throws goes to `onfault`. */
export interface ConnectionHandlers {
  onmessage(text: string): void
  /**
   * Once, when the socket is gone. The code is that of the side that closed first, 1006 when the connection
   * ended without a word.
   */
  onclose?(code: number): void
  /** After a `send` that returned false: there is room again. */
  ondrain?(): void
  onfault(error: unknown): void
}

export interface ConnectionOptions {
  /** Bytes of a message, at first. */
  readonly limit: number
  /** What it may send in all, at first: more ends the connection with 1008. */
  readonly budget?: Budget | null
  /** Unsent bytes from which on `send` asks to wait. */
  readonly highWater?: number
  readonly patience?: Patience
  /** Milliseconds a client has to take part in the end of the connection. */
  readonly goodbye?: number
}

const DEFAULTS = {
  budget: null,
  highWater: 64 * 1024,
  patience: { idle: 30_000, answer: 30_000 },
  goodbye: 5000
}

/** What of one client is handled before all the others have their turn. */
const TURN = { frames: 256, bytes: 256 * 1024 }

type State = 'open' | 'closing' | 'ending' | 'gone'

/**
 * One client, from the answer to its handshake on: `head` is what came with the request. Made inside the
 * handler of the upgrade, so that no event of the socket is missed.
 */
export class WebSocketConnection {
  readonly #socket: ByteStream
  readonly #handlers: ConnectionHandlers
  readonly #goodbye: number
  readonly #reader: FrameReader
  readonly #outgoing: Outgoing
  readonly #keepAlive: KeepAlive
  /** Not looked at yet: what came while nobody wanted it. */
  #unread: Uint8Array[]
  #reading = false
  #paused = false
  /** The others have their turn. */
  #resting = false
  #turn = { ...TURN }
  #hasEnded = false
  #state: State = 'open'
  #code: number = CLOSE.abnormal
  #deadline: NodeJS.Timeout | null = null
  #takenBefore = 0

  constructor(
    socket: ByteStream,
    head: Uint8Array,
    handlers: ConnectionHandlers,
    options: ConnectionOptions
  ) {
    const { limit, budget, highWater, patience, goodbye } = { ...DEFAULTS, ...options }
    this.#socket = socket
    this.#handlers = handlers
    this.#goodbye = goodbye
    this.#reader = new FrameReader(limit, budget)
    this.#unread = [head]
    this.#outgoing = new Outgoing(socket, highWater, () => this.#handleDrain())
    this.#keepAlive = new KeepAlive(patience, {
      ask: () => {
        this.#takenBefore = this.#outgoing.taken
        this.#outgoing.send(pingFrame())
      },
      isExcused: () => this.#isExcused(),
      onsilent: () => this.destroy()
    })
    onGone(socket, () => this.destroy())
    socket.on('end', this.#handleEnd)
    socket.on('data', this.#handleData)
    sendAtOnce(socket)
    resumeStream(socket)
    if (isGone(socket)) this.destroy()
    else queueMicrotask(() => this.#read())
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  /** Bytes sent that the socket has not taken yet. */
  get bufferedBytes(): number {
    return this.#outgoing.bytes
  }

  /** Bytes of a message, from the next frame on. */
  set limit(bytes: number) {
    this.#reader.limit = bytes
  }

  /** What it may send in all; null: there is no end. */
  set budget(budget: Budget | null) {
    this.#reader.budget = budget
  }

  /** Whole frames only. `false`: taken, but wait for `ondrain` before the next. Dropped when not open any more. */
  send(frame: Uint8Array): boolean {
    return !this.isOpen || this.#outgoing.send(frame)
  }

  /** No message comes before `resume`, not even one that is here already. */
  pause(): void {
    if (!this.isOpen) return
    this.#paused = true
    pauseStream(this.#socket)
  }

  resume(): void {
    if (!this.isOpen || !this.#paused) return
    this.#paused = false
    // Nothing could be heard while nobody listened.
    this.#keepAlive.heard()
    if (this.#resting) return
    resumeStream(this.#socket)
    queueMicrotask(() => this.#read())
  }

  /** What was sent before still goes out. No message comes any more. */
  close(code: number = CLOSE.normal, reason = ''): void {
    if (!this.isOpen) return
    this.#state = 'closing'
    this.#code = code
    this.#keepAlive.stop()
    this.#outgoing.send(closeFrame(code, reason))
    this.#deadline = setTimeout(() => this.destroy(), this.#goodbye)
    // Its answer has to be read.
    if (this.#resting) return
    if (this.#paused) resumeStream(this.#socket)
    queueMicrotask(() => this.#read())
  }

  destroy(): void {
    if (this.#state === 'gone') return
    this.#state = 'gone'
    this.#unread = []
    this.#outgoing.discard()
    this.#keepAlive.stop()
    if (this.#deadline !== null) clearTimeout(this.#deadline)
    this.#socket.destroy()
    // Not from within the call of whoever destroys it.
    queueMicrotask(() => this.#run(() => this.#handlers.onclose?.(this.#code)))
  }

  #handleDrain(): void {
    if (this.isOpen) this.#run(() => this.#handlers.ondrain?.())
  }

  #handleData = (bytes: Uint8Array): void => {
    this.#keepAlive.heard()
    this.#unread.push(bytes)
    this.#turn.bytes -= bytes.byteLength
    this.#read()
  }

  /** Without a close frame, or before we have said our last word: nothing will come that could be waited for. */
  #handleEnd = (): void => {
    this.#hasEnded = true
    if (this.#state !== 'ending' && !this.#resting) this.destroy()
  }

  #read(): void {
    // A handler may pause and resume.
    if (this.#reading || this.#resting) return
    this.#reading = true
    while (this.#isHeard) {
      if (this.#reader.frames >= this.#turn.frames || this.#turn.bytes <= 0) {
        this.#rest()
        break
      }
      const event = this.#reader.next()
      if (event !== null) {
        this.#handleFrame(event)
        continue
      }
      const bytes = this.#unread.shift()
      if (bytes === undefined) break
      this.#reader.push(bytes)
    }
    this.#reading = false
  }

  get #isHeard(): boolean {
    return this.#state === 'closing' || (this.isOpen && !this.#paused)
  }

  /** What is here already waits, and no more comes, until everybody else was heard. */
  #rest(): void {
    this.#resting = true
    pauseStream(this.#socket)
    setImmediate(() => {
      this.#resting = false
      this.#turn = { frames: this.#reader.frames + TURN.frames, bytes: TURN.bytes }
      if (this.#isHeard) {
        if (!this.#hasEnded) resumeStream(this.#socket)
        this.#read()
      }
      // Unless it rests again, all of it has been read.
      if (this.#hasEnded) this.#handleEnd()
    })
  }

  #handleFrame(event: FrameEvent): void {
    if (event.kind === 'text' && this.isOpen) this.#run(() => this.#handlers.onmessage(event.text))
    else if (event.kind === 'ping' && this.isOpen) this.#outgoing.answerPing(pongFrame(event.payload))
    else if (event.kind === 'close') this.#end(event.code, '')
    else if (event.kind === 'fail') this.#end(event.code, event.reason)
  }

  /** Our own close frame unless it was sent, then the end of the stream. */
  #end(code: number, reason: string): void {
    if (this.isOpen) {
      this.#code = code
      this.#outgoing.send(closeFrame(code, reason))
    }
    this.#state = 'ending'
    this.#keepAlive.stop()
    this.#unread = []
    if (this.#deadline !== null) clearTimeout(this.#deadline)
    this.#outgoing.finish()
    this.#socket.off('data', this.#handleData)
    this.#deadline = hangUp(this.#socket, this.#goodbye, () => this.destroy())
  }

  /** A slow client may have much to take before it sees the question, and one we do not read cannot answer. */
  #isExcused(): boolean {
    const { taken, bytes } = this.#outgoing
    const moved = taken !== this.#takenBefore
    this.#takenBefore = taken
    return bytes > 0 ? moved : this.#paused
  }

  #run(handler: () => void): void {
    try {
      handler()
    } catch (error) {
      this.close(CLOSE.internal, 'internal error')
      this.#handlers.onfault(error)
    }
  }
}
