import type { IncomingMessage } from 'node:http'
import b4a from 'b4a'
import { type Reply, textReply } from './reply.ts'

export interface BodyLimits {
  readonly maxBytes: number
  /** From the first look at it to its last byte. */
  readonly timeMs: number
  /** Of all bodies that are being read. */
  readonly totalBytes: number
}

/** The bytes, or why there are none. */
export type Body = Uint8Array | Reply

const FIRST_ROOM = 16 * 1024

const TOO_LARGE = textReply(413, 'Request body too large.')
const TOO_SLOW = textReply(408, 'Request body took too long.')
const BUSY = textReply(503, 'Too many request bodies at a time.')
export const CUT = textReply(400, 'The request ended within its body.')

/** What the bodies of one server hold together. */
export class BodyReader {
  readonly #limits: BodyLimits
  #held = 0

  constructor(limits: BodyLimits) {
    this.#limits = limits
  }

  /** What is announced to be too large is not read at all. */
  refusal(request: IncomingMessage): Reply | null {
    return Number(request.headers['content-length'] ?? 0) > this.#limits.maxBytes ? TOO_LARGE : null
  }

  /**
   * Never fails. While it goes on, `handle` holds what ends it from outside, with what it then resolves to. Bytes
   * are copied together as they come: small pieces cost more than they hold.
   */
  read(request: IncomingMessage, handle: (stop: ((reply: Reply) => void) | null) => void): Promise<Body> {
    const { maxBytes, timeMs, totalBytes } = this.#limits
    return new Promise((resolve) => {
      let room: Uint8Array = b4a.alloc(0)
      let length = 0
      const finish = (body: Body) => {
        clearTimeout(deadline)
        request.off('data', handleData).off('end', handleEnd).off('close', handleClose)
        this.#held -= length
        handle(null)
        resolve(body)
      }
      const handleData = (part: Uint8Array) => {
        const size = part.byteLength
        if (length + size > maxBytes) return finish(TOO_LARGE)
        if (this.#held + size > totalBytes) return finish(BUSY)
        room = roomFor(room, length, size, maxBytes)
        room.set(part, length)
        length += size
        this.#held += size
      }
      const handleEnd = () => finish(room.subarray(0, length))
      const handleClose = () => finish(CUT)
      const deadline = setTimeout(() => finish(TOO_SLOW), timeMs)
      handle(finish)
      request.on('data', handleData).on('end', handleEnd).on('close', handleClose)
    })
  }
}

/** As much again each time, so that few of them are made. */
function roomFor(room: Uint8Array, used: number, more: number, most: number): Uint8Array {
  if (used + more <= room.byteLength) return room
  const larger = b4a.alloc(Math.min(most, Math.max(FIRST_ROOM, used + more, 2 * room.byteLength)))
  larger.set(room.subarray(0, used))
  return larger
}
