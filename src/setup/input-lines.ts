import type { Readable } from 'node:stream'
import b4a from 'b4a'
import { IntercomError, messageOf } from '../base/errors.ts'
import { printable } from '../base/text.ts'

/** More than any answer. */
const MOST_BYTES = 1024 * 1024
const NEWLINE = 10

/** Lines of standard input, one at a time, whether somebody types them or a program sent all of them at once. */
export class InputLines {
  readonly #input: Readable | null
  #bytes: Uint8Array = b4a.alloc(0)
  #ended: boolean
  #error: IntercomError | null = null
  #wake: (() => void) | null = null

  constructor(input: Readable | null) {
    this.#input = input
    this.#ended = input === null
    input?.on('data', this.#handleData)
    input?.on('end', this.#handleEnd)
    input?.on('error', this.#handleError)
  }

  /** Null once the input has ended. */
  async next(): Promise<string | null> {
    for (;;) {
      const end = this.#bytes.indexOf(NEWLINE)
      if (end !== -1) return this.#take(end, end + 1)
      if (this.#error !== null) throw this.#error
      if (this.#ended)
        return this.#bytes.length > 0 ? this.#take(this.#bytes.length, this.#bytes.length) : null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** All that is left, to its end. */
  async rest(): Promise<string> {
    const lines: string[] = []
    for (let line = await this.next(); line !== null; line = await this.next()) lines.push(line)
    return lines.join('\n')
  }

  close(): void {
    this.#input?.off('data', this.#handleData)
    this.#input?.off('end', this.#handleEnd)
    this.#input?.pause()
  }

  #take(end: number, next: number): string {
    const line = b4a.toString(this.#bytes.subarray(0, end)).replace(/\r$/, '')
    this.#bytes = this.#bytes.subarray(next)
    return line
  }

  readonly #handleData = (chunk: Uint8Array): void => {
    this.#bytes = b4a.concat([this.#bytes, chunk])
    if (this.#bytes.length > MOST_BYTES)
      this.#fail(new IntercomError('too_large', `Standard input is larger than ${MOST_BYTES} bytes.`))
    else this.#wakeUp()
  }

  readonly #handleEnd = (): void => {
    this.#ended = true
    this.#wakeUp()
  }

  readonly #handleError = (error: Error): void => {
    const why = printable(messageOf(error))
    this.#fail(
      new IntercomError('not_answered', `Standard input cannot be read (${why}); nothing was written.`)
    )
  }

  #fail(error: IntercomError): void {
    this.#error = error
    this.#bytes = b4a.alloc(0)
    this.#wakeUp()
  }

  #wakeUp(): void {
    this.#wake?.()
    this.#wake = null
  }
}
