import fs from '#fs'
import path from '#path'
import process from '#process'
import { toIntercomError } from '../base/errors.ts'
import { idleFlag, parseArgv } from '../config/argv.ts'
import { resolveStore } from '../config/resolve.ts'
import { subcommandHelp } from '../config/subcommand-help.ts'
import { readRunFile } from '../run-file.ts'
import { openStandardStreams } from '../streams.ts'
import { readVersion } from '../version.ts'
import { checkArguments } from './arguments.ts'
import { failureLine } from './failure-line.ts'
import { jsonLine } from './lines.ts'
import { exitCodeOf, statusLines, statusOf } from './status.ts'

const TAKEN = new Set(['help', 'version', 'peerStoreName', 'peerStoresDirectory'])

/** `status`: looks at the store alone, asks no node, and loads nothing of one. */
export async function runStatus(words: readonly string[]): Promise<void> {
  // Whoever does not read what is printed still gets the exit code.
  const streams = openStandardStreams(() => {})
  let code: number
  try {
    const { lines, exit } = answer(words)
    for (const line of lines) streams.output.write(`${line}\n`)
    code = exit
  } catch (cause) {
    const { code: name, message: error, next, exitCode: exit } = toIntercomError(cause)
    const failure = { code: name, error, detail: null, next, exit }
    streams.errors.write(`${failureLine(failure, words.includes('--json'))}\n`)
    code = exit
  }
  await streams.output.flush()
  await streams.errors.flush()
  process.exit(code)
}

function answer(words: readonly string[]): { lines: readonly string[]; exit: number } {
  const argv = parseArgv(words)
  for (const [key, { as }] of argv.flags) if (!TAKEN.has(key)) throw idleFlag(as, argv.subcommand)
  const { help, version, peerStoresDirectory, peerStoreName } = resolveStore(argv, process.env)
  if (help) return { lines: [subcommandHelp('status')], exit: 0 }
  if (version) return { lines: [readVersion()], exit: 0 }
  const { json } = checkArguments('status', argv.args)
  const folder = path.join(peerStoresDirectory, peerStoreName)
  const now = Date.now()
  const status = statusOf(folder, readRunFile(folder, now), now, fs.existsSync(folder))
  return { lines: json === true ? [jsonLine(status)] : statusLines(status), exit: exitCodeOf(status) }
}
