import process from '#process'
import { parseArgv } from '../config/argv.ts'
import { configText } from '../config/help.ts'
import { type Resolved, resolveConfig } from '../config/resolve.ts'
import { subcommandHelp } from '../config/subcommand-help.ts'
import type { BridgeSubcommand, Subcommand } from '../config/subcommands.ts'
import type { StandardStreams } from '../streams.ts'
import { readVersion } from '../version.ts'
import { checkArguments } from './arguments.ts'
import { ask } from './ask.ts'
import { createIo } from './io.ts'
import { fail, runShort } from './short.ts'

/** Asks a running node for what the command line says, prints the answer, and ends the process. */
export function runCli(words: readonly string[]): Promise<void> {
  return runShort(words, run)
}

async function run(words: readonly string[], streams: StandardStreams): Promise<number> {
  // Until the command line is understood.
  let json = words.includes('--json')
  try {
    const argv = parseArgv(words)
    const resolved = resolveConfig(words, process.env)
    const text = answer(argv.subcommand, resolved)
    if (text !== null) {
      streams.output.write(`${text}\n`)
      return 0
    }
    const subcommand = argv.subcommand as BridgeSubcommand
    const args = checkArguments(subcommand, argv.args)
    json = args.json === true
    await ask(subcommand, args, resolved, createIo(streams, json))
    return 0
  } catch (error) {
    return fail(error, json, streams)
  }
}

/** What every subcommand answers without doing anything; null where that was not asked. */
export function answer(subcommand: Subcommand, { config, sources }: Resolved): string | null {
  if (config.help) return subcommandHelp(subcommand)
  if (config.version) return readVersion()
  return config.printConfig ? configText(config, sources) : null
}
