import process from '#process'
import { deferred } from '../base/deferred.ts'
import { IntercomError, messageOf } from '../base/errors.ts'
import { printable } from '../base/text.ts'
import { findSubcommand } from '../config/argv.ts'
import { isFollowing } from '../config/subcommands.ts'
import { listenForSignals } from '../signals.ts'
import { openStandardStreams, type StandardStreams } from '../streams.ts'
import { failureOf } from './failure.ts'
import { failureLine } from './failure-line.ts'

/** Exit codes of an end by a signal, as shells have them. */
const SIGNALLED: Readonly<Record<string, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

export type Job = (words: readonly string[], streams: StandardStreams) => Promise<number>

/** A process that does one thing, prints what came of it, and ends with the exit code that means it. */
export async function runShort(words: readonly string[], job: Job): Promise<void> {
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
  const code = await Promise.race([finish(job, words, streams), interrupted.promise])
  await streams.output.flush()
  await streams.errors.flush()
  process.exit(code)
}

/** The exit code, once everything was printed and somebody took it. */
async function finish(job: Job, words: readonly string[], streams: StandardStreams): Promise<number> {
  const code = await job(words, streams)
  await streams.output.flush(null)
  return code
}

/** Says what went wrong; the exit code that means it. */
export function fail(error: unknown, json: boolean, { errors }: StandardStreams): number {
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
