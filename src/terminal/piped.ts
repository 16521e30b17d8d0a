import type { Readable } from 'node:stream'
import b4a from 'b4a'
import ReadyResource from 'ready-resource'
import { messageOf } from '../base/errors.ts'
import { printable, quoted } from '../base/text.ts'
import type { CommandCaller, CommandRegistry } from '../commands/registry.ts'
import { outcomeLines, type Writable } from './output.ts'

const LONGEST_LINE = 1024 * 1024
const NEWLINE = 10
const NOBODY: CommandCaller = { ask: async () => null, seesLines: true }

export interface PipedOptions {
  readonly input: Readable
  readonly output: Writable
  readonly commands: CommandRegistry
  /** Input ended after at least one line: whoever piped commands in is done. */
  readonly onend: () => void
}

/** Commands in, one a line; their output lines out. Nobody is there to be asked. */
export class PipedTerminal extends ReadyResource {
  readonly interactive = false
  readonly #options: PipedOptions
  #partial: Uint8Array[] = []
  #partialBytes = 0
  #lines = 0
  #unanswered = 0
  #last: Promise<void> = Promise.resolve()

  constructor(options: PipedOptions) {
    super()
    this.#options = options
  }

  protected override async _open(): Promise<void> {
    const { input } = this.#options
    input.on('data', this.#handleData)
    input.on('end', this.#handleEnd)
    input.on('error', this.#handleError)
  }

  protected override async _close(): Promise<void> {
    const { input } = this.#options
    input.off('data', this.#handleData)
    input.off('end', this.#handleEnd)
    input.pause()
    // 'error' keeps its listener: without one, a late error of standard input would end the process.
  }

  print(line: string): void {
    this.#options.output.write(`${line}\n`)
  }

  readonly #handleData = (chunk: Uint8Array): void => {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      this.#keep(chunk.subarray(from, at))
      this.#runLine()
      from = at + 1
    }
    this.#keep(chunk.subarray(from))
  }

  readonly #handleEnd = (): void => {
    if (this.#partialBytes > 0) this.#runLine()
    if (this.#lines > 0) this.#queue(() => this.#options.onend())
  }

  readonly #handleError = (error: Error): void => {
    if (this.closing) return
    this.#queue(() => this.print(`Commands can no longer be read: ${printable(messageOf(error))}`))
    this.#handleEnd()
  }

  #keep(bytes: Uint8Array): void {
    this.#partialBytes += bytes.byteLength
    if (this.#partialBytes <= LONGEST_LINE) this.#partial.push(bytes)
    else this.#partial = []
  }

  #runLine(): void {
    const tooLong = this.#partialBytes > LONGEST_LINE
    const line = b4a.toString(b4a.concat(this.#partial)).trim()
    this.#partial = []
    this.#partialBytes = 0
    this.#lines++
    const why = `a line of more than ${LONGEST_LINE} bytes was left out.`
    if (tooLong) this.#queue(() => this.print(`Command failed: ${why}`))
    else if (line !== '') this.#queue(() => this.#run(line))
  }

  /** What comes next waits, in the pipe, until all that was read is answered. */
  #queue(answer: () => void | Promise<void>): void {
    const { input, output } = this.#options
    input.pause()
    this.#unanswered++
    this.#last = this.#last.then(async () => {
      // What stands behind /exit is not run.
      if (!this.closing) await answer()
      // Nor does more come in than goes out.
      if (!this.closing) await output.drained()
      this.#unanswered--
      if (this.#unanswered === 0 && !this.closing) input.resume()
    })
  }

  async #run(line: string): Promise<void> {
    const outcome = await this.#options.commands.run(line, NOBODY)
    for (const text of outcomeLines(outcome)) this.print(text)
    if (!outcome.ok && outcome.error.code === 'internal') this.print(`  in ${printable(quoted(line))}`)
  }
}
