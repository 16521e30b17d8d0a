import { IntercomError, toIntercomError } from '../base/errors.ts'
import { type ParsedCommand, parseCommand } from './parse.ts'
import { type CommandArgs, type CommandName, isSubnetCommand } from './table.ts'

export interface CommandOutput {
  /** For people, one entry a line. */
  readonly lines: readonly string[]
  /** For programs. */
  readonly result: unknown
}

/** How a handler can ask the one who typed the command. */
export interface CommandCaller {
  /** Whether the lines of the node show where the answer will: what they have said need not be said again. */
  readonly seesLines?: boolean
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

/** A command that is in no table: one of the app that runs on the node. */
export interface AppCommandRow {
  readonly name: string
  readonly help: string
  readonly example: string
}

export interface AppCommands {
  readonly rows: readonly AppCommandRow[]
  /** What the help says of the app besides. */
  options(): Promise<readonly string[]>
  /** Null for what is no command of the app. */
  run(line: string): Promise<CommandOutput | null>
}

/** Holds the handler of each command; runs a caller's lines one at a time, in order, and never throws. */
export class CommandRegistry {
  readonly #handlers = new Map<CommandName, CommandHandler<CommandName>>()
  readonly #last = new WeakMap<CommandCaller, Promise<unknown>>()
  /** Asked for what is in no table. */
  app: AppCommands | null = null

  get appNames(): string[] {
    return this.app?.rows.map(({ name }) => name) ?? []
  }

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
      return { ok: true, output: await this.#answer(line, caller) }
    } catch (error) {
      return { ok: false, error: toIntercomError(error) }
    }
  }

  async #answer(line: string, caller: CommandCaller): Promise<CommandOutput> {
    const parsed = this.#parse(line)
    if (!(parsed instanceof IntercomError))
      return this.#handler(parsed.name)(parsed.args as CommandArgs<CommandName>, caller)
    const output = (await this.app?.run(line)) ?? null
    if (output === null) throw parsed
    return output
  }

  /** An error only where the name is in no table. */
  #parse(line: string): ParsedCommand | IntercomError {
    try {
      return parseCommand(line, this.appNames)
    } catch (error) {
      if (error instanceof IntercomError && error.code === 'unknown_command') return error
      throw error
    }
  }

  #handler(name: CommandName): CommandHandler<CommandName> {
    const handler = this.#handlers.get(name)
    if (handler !== undefined) return handler
    if (isSubnetCommand(name)) throw new IntercomError('no_subnet', `/${name}: this peer is in no subnet.`)
    throw new IntercomError('closed', `/${name} is not available yet.`)
  }
}
