import process from '#process'
import { toIntercomError } from '../base/errors.ts'
import { PROJECT } from '../base/project.ts'
import { parseArgv } from '../config/argv.ts'
import { openStandardStreams, type StandardStreams } from '../streams.ts'
import { readVersion } from '../version.ts'
import type { GrantReader } from './grants.ts'
import { initHelp } from './help.ts'
import { identity } from './identity.ts'
import { init } from './init.ts'
import { InputLines } from './input-lines.ts'

/** `npm start -- init …`, and the end of the process. Nothing is half written, whenever a signal ends it. */
export async function runInit(words: readonly string[], reader: GrantReader): Promise<void> {
  const streams = openStandardStreams((error) => process.exit(error === null ? 0 : 1))
  process.once('SIGINT', () => {
    // The shell's prompt is to begin on a line of its own.
    if (streams.interactive) streams.output.write('\n')
    void streams.output.flush().then(() => process.exit(130))
  })
  const code = await run(words, streams, reader)
  await streams.output.flush()
  await streams.errors.flush()
  process.exit(code)
}

async function run(words: readonly string[], streams: StandardStreams, reader: GrantReader): Promise<number> {
  const { output, errors } = streams
  const lines = new InputLines(streams.input)
  try {
    const text = answer(words)
    if (text === null) {
      await init(
        words,
        {
          lines,
          write: (part) => output.write(part),
          piped: !streams.interactive,
          environment: process.env,
          project: PROJECT,
          now: Date.now,
          identity
        },
        reader
      )
    } else output.write(`${text}\n`)
    return 0
  } catch (error) {
    const known = toIntercomError(error)
    errors.write(`intercom: ${known.message}${known.message.includes('\n') ? '\n' : ' '}${known.next}\n`)
    if (known.code === 'internal' && error instanceof Error) errors.write(`${error.stack}\n`)
    return known.exitCode
  } finally {
    lines.close()
  }
}

function answer(words: readonly string[]): string | null {
  const { flags } = parseArgv(words)
  if (flags.has('help')) return initHelp()
  return flags.has('version') ? readVersion() : null
}
