import { printable } from '../base/text.ts'
import type { CommandOutcome } from '../commands/registry.ts'

/** What a command's outcome looks like to a person, each line safe to print. */
export function outcomeLines(outcome: CommandOutcome): string[] {
  const lines = outcome.ok
    ? outcome.output.lines
    : [`Command failed: ${outcome.error.message} ${outcome.error.next}`]
  return lines.map(printable)
}

/** The stream that lines go to. */
export interface Writable {
  write(text: string): unknown
  /** Resolves once what was written so far is not too much. */
  drained(): Promise<void>
}
