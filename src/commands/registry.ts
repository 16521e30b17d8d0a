import { IntercomError, toIntercomError } from '../base/errors.ts'
import { parseCommand } from './parse.ts'
import type { CommandArgs, CommandName } from './table.ts'

export interface CommandOutput {
  /** For people, one entry a line. */
  readonly lines: readonly string[]
  /** For programs. */
  readonly result: unknown
}

/** How a handler can ask the one who typed the command. */
export interface CommandCaller {
  /** Shows the question and resolves to what was typed; `null` where nobody can be asked. */
  ask(question: string): Promise<string | null>
}

export type CommandHandler<N extends CommandName> = (
  args: CommandArgs<N>,
  caller: CommandCaller
) => CommandOutput | Promise<CommandOutput>

export type CommandOutcome =
  | { readonly ok: true; readonly output: CommandOutput }
  | { readonly ok: false; readonly error: IntercomError }

/** Holds the handler of each command; runs a caller's lines one at a time, in order, and never throws. */
export class CommandRegistry {
  readonly #handlers = new Map<CommandName, CommandHandler<CommandName>>()
  readonly #last = new WeakMap<CommandCaller, Promise<unknown>>()

  bind<N extends CommandName>(name: N, handler: CommandHandler<N>): void {
    if (this.#handlers.has(name)) throw new Error(`the command ${name} has a handler already`)
    this.#handlers.set(name, handler as unknown as CommandHandler<CommandName>)
  }

  run(line: string, caller: CommandCaller): Promise<CommandOutcome> {
    const outcome = (this.#last.get(caller) ?? Promise.resolve()).then(() => this.#run(line, caller))
    this.#last.set(caller, outcome)
    return outcome
  }

  async #run(line: string, caller: CommandCaller): Promise<CommandOutcome> {
    try {
      const { name, args } = parseCommand(line)
      const handler = this.#handlers.get(name)
      if (handler === undefined) throw new IntercomError('closed', `/${name} is not available yet.`)
      return { ok: true, output: await handler(args as CommandArgs<CommandName>, caller) }
    } catch (error) {
      return { ok: false, error: toIntercomError(error) }
    }
  }
}
