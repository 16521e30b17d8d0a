import type { Readable, Writable } from 'node:stream'
import fs from '#fs'
import process from '#process'
import { systemCode } from './base/errors.ts'

/** What an output says when the reader at its other end has gone: no fault of ours, and no news to anybody. */
const READER_GONE = new Set(['EPIPE', 'ECONNRESET', 'EIO', 'EBADF', 'ENXIO', 'STREAM_IS_CLOSED'])

// How long an end waits for a reader that does not read.
const FLUSH_TIME = 500

/** A standard output that survives a reader who stops reading, and one who goes away. */
export class OutputStream {
  readonly #stream: Writable
  #broken = false
  #full = false
  #waiting: (() => void)[] = []

  /** `onbroken` gets the error, or null when it is just that nobody reads any more. */
  constructor(stream: Writable, onbroken: (error: Error | null) => void) {
    this.#stream = stream
    stream.on('error', (error: Error) => {
      if (this.#broken) return
      this.#broken = true
      this.#release()
      onbroken(READER_GONE.has(systemCode(error) ?? '') ? null : error)
    })
    stream.on('drain', () => this.#release())
  }

  /** More is waiting than the reader takes; see `drained`. */
  get full(): boolean {
    return this.#full
  }

  write(text: string): void {
    if (!this.#broken && this.#stream.write(text) === false) this.#full = true
  }

  /** Resolves once there is room again, or nobody is left to read. */
  async drained(): Promise<void> {
    if (this.#full) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  #release(): void {
    this.#full = false
    for (const resume of this.#waiting.splice(0)) resume()
  }

  get columns(): number {
    return (this.#stream as { columns?: number }).columns ?? 80
  }

  get rows(): number {
    return (this.#stream as { rows?: number }).rows ?? 24
  }

  on(event: 'resize', listener: () => void): void {
    this.#stream.on(event, listener)
  }

  off(event: 'resize', listener: () => void): void {
    this.#stream.off(event, listener)
  }

  /** Resolves once all that was written has left the process, or nobody seems to take it; `null`: waits for them. */
  async flush(limit: number | null = FLUSH_TIME): Promise<void> {
    if (this.#broken) return
    await new Promise<void>((resolve) => {
      const late = limit === null ? null : setTimeout(resolve, limit)
      const done = () => {
        if (late !== null) clearTimeout(late)
        resolve()
      }
      this.#stream.once('error', done)
      this.#stream.write('', done)
    })
  }
}

export interface StandardStreams {
  /** `null` when the process was started with standard input closed. */
  readonly input: Readable | null
  readonly output: OutputStream
  readonly errors: OutputStream
  /** A terminal is at one end, and closing it ends what runs in it. */
  readonly attached: boolean
  /** A person can type and read here. */
  readonly interactive: boolean
  readonly errorsAreTerminal: boolean
}

export function openStandardStreams(onbroken: (error: Error | null) => void): StandardStreams {
  const input = standardInput()
  const inputIsTerminal = (input as { isTTY?: boolean } | null)?.isTTY === true
  const outputIsTerminal = isTerminal(() => process.stdout)
  return {
    input,
    output: new OutputStream(process.stdout, onbroken),
    // A node that has nowhere to log to runs on, and there is nowhere to say so.
    errors: new OutputStream(process.stderr, () => {}),
    attached: inputIsTerminal || outputIsTerminal,
    interactive: inputIsTerminal && outputIsTerminal,
    errorsAreTerminal: isTerminal(() => process.stderr)
  }
}

/**
 * When standard input is closed, its number goes to whatever the runtime opens first, such as the event loop
 * itself: reading, or worse closing, that would be the end.
 */
function standardInput(): Readable | null {
  try {
    const input = fs.fstatSync(0)
    const readable = input.isFile() || input.isFIFO() || input.isCharacterDevice() || input.isSocket()
    return readable ? process.stdin : null
  } catch (error) {
    if (systemCode(error) === null) throw error
    return null
  }
}

function isTerminal(stream: () => { isTTY?: boolean }): boolean {
  try {
    return stream().isTTY === true
  } catch (error) {
    if (systemCode(error) === null) throw error
    return false
  }
}
