import b4a from 'b4a'
import { jsonDepthWithin } from '../../../src/base/depth.ts'

const HEADER = 4
/** Of a message, with what is around a value; the state has less. */
const MAX_MESSAGE_DEPTH = 1040
/** Of a value in it. */
export const MAX_DEPTH = 1024

/** What came is no message; whoever sent it cannot be talked with any more. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
}

/** A length and JSON; null for what is too large to be read at the other end. */
export function encodeFrame(message: object, maxBytes: number): Uint8Array | null {
  const json = JSON.stringify(message)
  const length = b4a.byteLength(json)
  if (length > maxBytes) return null
  const frame = b4a.allocUnsafe(HEADER + length)
  view(frame).setUint32(0, length, true)
  b4a.write(frame, json, HEADER)
  return frame
}

/** Puts the messages of a stream of bytes together, however the bytes come. */
export class FrameReader {
  readonly #maxBytes: number
  #chunks: Uint8Array[] = []
  #length = 0
  /** Of the message that is coming, once its header is there. */
  #wanted: number | null = null

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Throws where there is no message, after those before it, and is of no use after that. To be read to its end. */
  *read(chunk: Uint8Array): Generator<unknown> {
    this.#chunks.push(chunk)
    this.#length += chunk.byteLength
    for (;;) {
      this.#wanted ??= this.#header()
      if (this.#wanted === null || this.#length < this.#wanted) return
      const message = parsed(this.#take(this.#wanted))
      this.#wanted = null
      yield message
    }
  }

  #header(): number | null {
    if (this.#length < HEADER) return null
    const length = view(this.#take(HEADER)).getUint32(0, true)
    if (length > this.#maxBytes) throw new FrameError('a message is too large')
    return length
  }

  #take(count: number): Uint8Array {
    const [first] = this.#chunks
    const all = this.#chunks.length === 1 && first !== undefined ? first : b4a.concat(this.#chunks)
    const rest = all.subarray(count)
    this.#chunks = rest.byteLength === 0 ? [] : [rest]
    this.#length = rest.byteLength
    return all.subarray(0, count)
  }
}

function parsed(bytes: Uint8Array): unknown {
  if (!jsonDepthWithin(bytes, MAX_MESSAGE_DEPTH)) throw new FrameError('a message is too deep')
  try {
    return JSON.parse(b4a.toString(bytes))
  } catch {
    throw new FrameError('a message is not JSON')
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
