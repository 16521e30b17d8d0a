import b4a from 'b4a'
import { CLOSE, CONTROL_BYTES, OPCODE } from './frames.ts'
import {
  type Fault,
  type FrameHeader,
  fault,
  headerSize,
  isControl,
  MAX_HEADER_BYTES,
  readHeader
} from './header.ts'
import { decodeText, unmask } from './payload.ts'

export type FrameEvent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'ping'; readonly payload: Uint8Array }
  | { readonly kind: 'pong'; readonly payload: Uint8Array }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  | Fault

/** An empty fragment costs a client six bytes and no room: their number is what bounds them. */
const MAX_FRAGMENTS = 1024

/** What somebody may send in all before more is allowed him: control frames cost as much as others. */
export interface Budget {
  readonly frames: number
  readonly bytes: number
  /** Said when it is used up. */
  readonly reason: string
}

const EMPTY = new Uint8Array(0)

/** Bytes with a view on them, for whatever is wider than one. */
interface Room {
  readonly bytes: Uint8Array
  readonly view: DataView
}

function room(bytes: Uint8Array): Room {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
}

const NO_ROOM = room(EMPTY)

/**
 * Reads the frames of one client. `push` takes a piece of the stream, then `next` gives one event at a time until
 * it returns null and wants the next piece: so whoever reads can stop between two messages, or change the limit.
 * After a close frame or a fault there is nothing more. What it holds between two pieces is at most a message of
 * `limit` bytes, a header and a control frame; each byte is looked at a fixed number of times.
 */
export class FrameReader {
  /** Bytes of a message, its fragments together. It holds from the next header on. */
  limit: number
  /** It holds from the next header on, for all that was read before too. */
  budget: Budget | null
  #frames = 0
  #bytes = 0
  #piece = NO_ROOM
  #at = 0
  /** A header that comes in pieces, and behind it the payload of a control frame that does. */
  readonly #small = room(b4a.alloc(MAX_HEADER_BYTES + CONTROL_BYTES))
  #gathered = 0
  #header: FrameHeader | null = null
  #received = 0
  /** A message that comes in pieces: `used` bytes of it are whole fragments. */
  #message = NO_ROOM
  #used = 0
  #ascii = true
  #fragments = 0
  #over = false

  constructor(limit: number, budget: Budget | null = null) {
    this.limit = limit
    this.budget = budget
  }

  /** How many frames have begun, fragments and control frames among them. */
  get frames(): number {
    return this.#frames
  }

  /** Nothing more is read: there was a close frame or a fault. */
  get over(): boolean {
    return this.#over
  }

  /** Bytes held until more comes. */
  get held(): number {
    const control = this.#header !== null && isControl(this.#header.opcode) ? this.#received : 0
    return this.#gathered + control + this.#message.bytes.byteLength
  }

  /** The bytes are the reader's from now on: it takes the mask off in place. */
  push(bytes: Uint8Array): void {
    if (this.#over) return
    if (this.#at < this.#piece.bytes.byteLength) throw new Error('the piece before has not been read')
    this.#piece = room(bytes)
    this.#at = 0
  }

  next(): FrameEvent | null {
    while (!this.#over) {
      if (this.#header === null) {
        const found = this.#takeHeader()
        if (found?.kind === 'fail') return this.#end(found)
        this.#header = found
        this.#received = 0
      }
      const event = this.#header === null ? null : this.#takePayload(this.#header)
      if (event === null) {
        this.#piece = NO_ROOM
        this.#at = 0
        return null
      }
      if (event !== 'fragment') return event
    }
    return null
  }

  #takeHeader(): FrameHeader | Fault | null {
    const { bytes, view } = this.#piece
    const left = bytes.byteLength - this.#at
    if (this.#gathered === 0 && left >= 2) {
      const size = headerSize(view.getUint8(this.#at + 1))
      if (left >= size) {
        this.#at += size
        return this.#checked(readHeader(view, this.#at - size))
      }
    }
    const small = this.#small
    while (this.#at < bytes.byteLength) {
      small.view.setUint8(this.#gathered++, view.getUint8(this.#at++))
      if (this.#gathered < 2 || this.#gathered < headerSize(small.view.getUint8(1))) continue
      this.#gathered = 0
      return this.#checked(readHeader(small.view, 0))
    }
    return null
  }

  /** What a header can be refused for because of those before it, and because of the limit. */
  #checked(header: FrameHeader | Fault): FrameHeader | Fault {
    if (header.kind === 'fail') return header
    return this.#misplaced(header) ?? this.#overspent(header) ?? header
  }

  #misplaced(header: FrameHeader): Fault | null {
    if (isControl(header.opcode)) return null
    if (header.opcode === OPCODE.continuation && this.#fragments === 0)
      return fault(CLOSE.protocolError, 'there is nothing to continue')
    if (header.opcode === OPCODE.text && this.#fragments > 0)
      return fault(CLOSE.protocolError, 'the message before is not complete')
    if (header.length > this.limit - this.#used)
      return fault(CLOSE.tooLarge, `a message has at most ${this.limit} bytes`)
    if (++this.#fragments > MAX_FRAGMENTS)
      return fault(CLOSE.policy, `a message has at most ${MAX_FRAGMENTS} fragments`)
    return null
  }

  #overspent({ length }: FrameHeader): Fault | null {
    this.#frames++
    this.#bytes += length
    if (this.budget === null) return null
    const { frames, bytes, reason } = this.budget
    return this.#frames > frames || this.#bytes > bytes ? fault(CLOSE.policy, reason) : null
  }

  #takePayload(header: FrameHeader): FrameEvent | 'fragment' | null {
    const { length, key, fin } = header
    const { bytes, view } = this.#piece
    const left = bytes.byteLength - this.#at
    const control = isControl(header.opcode)
    if (this.#received === 0 && left >= length && (control || (fin && this.#fragments === 1))) {
      const start = this.#at
      this.#at += length
      return this.#complete(header, bytes, start, unmask(view, start, length, key))
    }
    if (!control) this.#reserve(this.#used + length)
    const target = control ? this.#small : this.#message
    const start = control ? MAX_HEADER_BYTES : this.#used
    const count = Math.min(left, length - this.#received)
    target.bytes.set(bytes.subarray(this.#at, this.#at + count), start + this.#received)
    this.#at += count
    this.#received += count
    if (this.#received < length) return null
    return this.#complete(header, target.bytes, start, unmask(target.view, start, length, key))
  }

  /** Doubles, so that many small fragments are not copied over and over. */
  #reserve(size: number): void {
    const { bytes } = this.#message
    if (size <= bytes.byteLength) return
    const doubled = Math.min(bytes.byteLength * 2, this.limit)
    this.#message = room(b4a.allocUnsafe(Math.max(size, doubled)))
    this.#message.bytes.set(bytes.subarray(0, this.#used))
  }

  #complete(header: FrameHeader, bytes: Uint8Array, start: number, ascii: boolean): FrameEvent | 'fragment' {
    this.#header = null
    const end = start + header.length
    if (isControl(header.opcode)) {
      const payload = b4a.from(bytes.subarray(start, end))
      if (header.opcode === OPCODE.ping) return { kind: 'ping', payload }
      if (header.opcode === OPCODE.pong) return { kind: 'pong', payload }
      return this.#end(readClose(payload))
    }
    this.#ascii &&= ascii
    if (!header.fin) {
      this.#used = end
      return 'fragment'
    }
    const text = decodeText(bytes.subarray(start - this.#used, end), this.#ascii)
    if (text === null) return this.#end(fault(CLOSE.badData, 'a text message is UTF-8'))
    this.#message = NO_ROOM
    this.#used = 0
    this.#ascii = true
    this.#fragments = 0
    return { kind: 'text', text }
  }

  #end<T extends FrameEvent>(last: T): T {
    this.#over = true
    this.#header = null
    this.#gathered = 0
    this.#piece = NO_ROOM
    this.#message = NO_ROOM
    return last
  }
}

/** RFC 6455, sections 5.5.1 and 7.4. */
function readClose(payload: Uint8Array): FrameEvent {
  if (payload.byteLength === 0) return { kind: 'close', code: CLOSE.none, reason: '' }
  if (payload.byteLength === 1) return fault(CLOSE.protocolError, 'half a close code')
  const code = ((payload[0] ?? 0) << 8) | (payload[1] ?? 0)
  const standard =
    code >= 1000 && code <= 1014 && code !== 1004 && code !== CLOSE.none && code !== CLOSE.abnormal
  if (!standard && (code < 3000 || code > 4999)) return fault(CLOSE.protocolError, 'no such close code')
  const reason = decodeText(payload.subarray(2), false)
  return reason === null ? fault(CLOSE.badData, 'a close reason is UTF-8') : { kind: 'close', code, reason }
}
