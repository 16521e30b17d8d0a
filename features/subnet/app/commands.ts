import { parseArgs } from '../../../src/app/parse-args.ts'
import type { AppCommand, Protocol } from '../../../src/app/protocol.ts'
import { addedMethods } from '../../../src/app/protocol-api.ts'
import { IntercomError, messageOf } from '../../../src/base/errors.ts'
import type { Log } from '../../../src/base/log.ts'
import { printable } from '../../../src/base/text.ts'
import type { AppCommandRow, AppCommands, CommandOutput } from '../../../src/commands/registry.ts'
import { isCommandName } from '../../../src/commands/table.ts'
import { captured, linesOf, shown } from './captured.ts'

const NAME = /^[a-z][a-z0-9_]{0,63}$/

/** The commands that the protocol of an app declares, and those that it takes without a word. */
export class ProtocolCommands implements AppCommands {
  readonly rows: readonly AppCommandRow[]
  readonly #protocol: Protocol
  readonly #commands: ReadonlyMap<string, AppCommand>

  constructor(protocol: Protocol, log: Log) {
    this.#protocol = protocol
    this.#commands = new Map(Object.entries(protocol.commands ?? {}).filter((entry) => isUsable(entry, log)))
    this.rows = [...this.#commands].map(([name, { help, example }]) => ({
      name,
      help: printable(String(help)),
      example: printable(String(example))
    }))
  }

  async options(): Promise<readonly string[]> {
    const { value, lines } = await asked(() => this.#protocol.printOptions())
    const methods = addedMethods(this.#protocol.api).map((name) => printable(`/api --method ${name}`))
    if (lines.length > 0 || value === undefined || value === null) return [...lines, ...methods]
    const said = (Array.isArray(value) ? value : [value]).flatMap((line) => linesOf(shown(line)))
    return [...said, ...methods]
  }

  async run(line: string): Promise<CommandOutput | null> {
    const name = /^\/(\S+)/.exec(line.trim())?.[1] ?? ''
    const command = this.#commands.get(name)
    const { value, lines } = await asked(() =>
      command === undefined ? this.#protocol.customCommand(line) : command.run(parseArgs(line))
    )
    if (command === undefined && value === undefined && lines.length === 0) return null
    const result = value ?? null
    // Who prints has said it in words.
    if (lines.length > 0) return { lines, result }
    return { lines: value === undefined ? ['Done.'] : linesOf(shown(value)), result }
  }
}

/** What fails in an app is told as what the app says. */
export async function asked(run: () => unknown): ReturnType<typeof captured> {
  try {
    return await captured(run)
  } catch (error) {
    if (error instanceof IntercomError) throw error
    throw new IntercomError('command_failed', messageOf(error), {
      next: 'This is what the app says of it.',
      cause: error
    })
  }
}

function isUsable([name, command]: [name: string, command: unknown], log: Log): boolean {
  const runs = typeof (command as Partial<AppCommand> | null)?.run === 'function'
  if (runs && NAME.test(name) && !isCommandName(name)) return true
  const why = isCommandName(name) ? 'the node has one of this name' : 'it is not a command, or not a name'
  log.warn('a command of the app is left out', { command: name, why })
  return false
}
