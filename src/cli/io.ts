import type { Readable } from 'node:stream'
import type { OutputStream, StandardStreams } from '../streams.ts'
import { jsonLine } from './lines.ts'

/** The ends of the process, as a subcommand sees them. */
export interface CliIo {
  readonly json: boolean
  readonly input: Readable | null
  now(): number
  /** A line of what was asked for. */
  print(line: string): void
  /** What is not asked for and good to know, on standard error. */
  note(line: string, data: object): void
  /** Resolves once the reader has caught up, or is gone. */
  drained(): Promise<void>
}

export function createIo(
  { input, output, errors }: Pick<StandardStreams, 'input'> & { output: OutputStream; errors: OutputStream },
  json: boolean
): CliIo {
  return {
    json,
    input,
    now: Date.now,
    print: (line) => output.write(`${line}\n`),
    note: (line, data) => errors.write(`${json ? jsonLine(data) : line}\n`),
    drained: () => output.drained()
  }
}
