import type { Readable, Writable } from 'node:stream'
import fs from '#fs'
import process from '#process'
import { systemCode } from './base/errors.ts'

/** A standard output that survives the reader at its other end going away. */
export class OutputStream {
  readonly #stream: Writable
  #broken = false

  constructor(stream: Writable, onbroken: () => void) {
    this.#stream = stream
    stream.on('error', () => {
      if (this.#broken) return
      this.#broken = true
      onbroken()
    })
  }

  write(text: string): void {
    if (!this.#broken) this.#stream.write(text)
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

  /** Resolves once all that was written has left the process, or never will. */
  async flush(): Promise<void> {
    if (this.#broken) return
    await new Promise<void>((resolve) => {
      this.#stream.once('error', () => resolve())
      this.#stream.write('', () => resolve())
    })
  }
}

export interface StandardStreams {
  /** `null` when the process was started with standard input closed. */
  readonly input: Readable | null
  readonly output: OutputStream
  readonly errors: OutputStream
  readonly inputIsTerminal: boolean
  /** A person can type and read here. */
  readonly interactive: boolean
  readonly errorsAreTerminal: boolean
}

export function openStandardStreams(onbroken: () => void): StandardStreams {
  const input = standardInput()
  const inputIsTerminal = (input as { isTTY?: boolean } | null)?.isTTY === true
  return {
    input,
    output: new OutputStream(process.stdout, onbroken),
    errors: new OutputStream(process.stderr, () => {}),
    inputIsTerminal,
    interactive: inputIsTerminal && isTerminal(() => process.stdout),
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
