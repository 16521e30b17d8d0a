import process from '#process'
import { deferred } from '../base/deferred.ts'
import { IntercomError, messageOf } from '../base/errors.ts'
import { printable } from '../base/text.ts'
import { findSubcommand, parseArgv } from '../config/argv.ts'
import { configText } from '../config/help.ts'
import { type Resolved, resolveConfig } from '../config/resolve.ts'
import { subcommandHelp } from '../config/subcommand-help.ts'
import { type BridgeSubcommand, isFollowing, type Subcommand } from '../config/subcommands.ts'
import { listenForSignals } from '../signals.ts'
import { openStandardStreams, type StandardStreams } from '../streams.ts'
import { readVersion } from '../version.ts'
import { checkArguments } from './arguments.ts'
import { ask } from './ask.ts'
import { failureOf } from './failure.ts'
import { failureLine } from './failure-line.ts'
import { createIo } from './io.ts'

/** Exit codes of an end by a signal, as shells have them. */
const SIGNALLED: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

/** Asks a running node for what the command line says, prints the answer, and ends the process. */
export async function runCli(words: readonly string[]): Promise<void> {
  const interrupted = deferred<number>()
  const streams = openStandardStreams((error) => {
    // Nobody reads any more: that is how `head` ends what is before it.
    if (error === null) interrupted.resolve(0)
    else interrupted.resolve(fail(outputFailed(error), words.includes('--json'), streams))
  })
  const stopped = (signal: string) => {
    const subcommand = findSubcommand(words)
    const isWanted = subcommand !== null && isFollowing(subcommand) && signal !== 'SIGHUP'
    return isWanted ? 0 : (SIGNALLED[signal] ?? 1)
  }
  listenForSignals({
    terminal: streams.attached,
    now: () => process.uptime() * 1000,
    onstop: (signal) => interrupted.resolve(stopped(signal)),
    onforce: (signal) => process.exit(SIGNALLED[signal] ?? 1)
  })
  // Nothing is left to wait for, and no answer came: that must not look like success.
  process.once('beforeExit', () => {
    interrupted.resolve(fail(new Error('Nothing more can happen, and there is no answer.'), false, streams))
  })
  const code = await Promise.race([finish(words, streams), interrupted.promise])
  await streams.output.flush()
  await streams.errors.flush()
  process.exit(code)
}

/** The exit code, once everything was printed and somebody took it. */
async function finish(words: readonly string[], streams: StandardStreams): Promise<number> {
  const code = await run(words, streams)
  await streams.output.flush(null)
  return code
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

/** Says what went wrong; the exit code that means it. */
function fail(error: unknown, json: boolean, { errors }: StandardStreams): number {
  const failure = failureOf(error)
  errors.write(`${failureLine(failure, json)}\n`)
  return failure.exit
}

function outputFailed(error: Error): IntercomError {
  return new IntercomError(
    'output_failed',
    `Cannot write to standard output (${printable(messageOf(error))}).`
  )
}

function answer(subcommand: Subcommand, { config, sources }: Resolved): string | null {
  if (config.help) return subcommandHelp(subcommand)
  if (config.version) return readVersion()
  return config.printConfig ? configText(config, sources) : null
}
