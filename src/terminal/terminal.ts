import type { Readable } from 'node:stream'
import type { CommandRegistry } from '../commands/registry.ts'
import { InteractiveTerminal, type TerminalInput, type TerminalOutput } from './interactive.ts'
import type { Writable } from './output.ts'
import { PipedTerminal } from './piped.ts'

export interface Terminal {
  /** Whether a person types here. */
  readonly interactive: boolean
  print(line: string): void
  ready(): Promise<void>
  close(): Promise<void>
}

export interface TerminalOptions {
  readonly input: Readable
  readonly output: Writable | TerminalOutput
  readonly interactive: boolean
  readonly commands: CommandRegistry
  /** The person left, or the commands piped in have ended. */
  readonly onend: () => void
}

export function openTerminal(options: TerminalOptions): Terminal {
  const { input, output, commands, onend } = options
  if (!options.interactive) return new PipedTerminal({ input, output, commands, onend })
  return new InteractiveTerminal({
    input: input as TerminalInput,
    output: output as TerminalOutput,
    commands,
    onend
  })
}
