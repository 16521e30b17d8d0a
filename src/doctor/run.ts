import process from '#process'
import { IntercomError } from '../base/errors.ts'
import { checkArguments } from '../cli/arguments.ts'
import { jsonLine } from '../cli/lines.ts'
import { answer } from '../cli/run.ts'
import { fail, runShort } from '../cli/short.ts'
import { resolveConfig } from '../config/resolve.ts'
import type { StandardStreams } from '../streams.ts'
import { examine } from './examine.ts'
import { overall, reportLines, reportObject } from './report.ts'
import { CHECKS } from './table.ts'
import { type Patient, Visit } from './visit.ts'

/** Looks a store and its node over, prints what it found, and ends the process. */
export function runDoctor(words: readonly string[]): Promise<void> {
  return runShort(words, diagnose)
}

async function diagnose(words: readonly string[], streams: StandardStreams): Promise<number> {
  // Until the command line is understood.
  let json = words.includes('--json')
  try {
    const read = readFlags(words)
    const text = answer('doctor', read.resolved)
    if (text !== null) {
      streams.output.write(`${text}\n`)
      return 0
    }
    json = checkArguments('doctor', read.resolved.args).json === true
    const visit = new Visit({ ...read, words, environment: process.env, now: Date.now })
    const findings = await examine(visit, CHECKS)
    const lines = json
      ? [jsonLine(reportObject(visit.folder, findings))]
      : reportLines(visit.folder, findings)
    for (const line of lines) streams.output.write(`${line}\n`)
    return overall(findings) === 'fail' ? 1 : 0
  } catch (error) {
    return fail(error, json, streams)
  }
}

/** A mistake in config.json is a finding; one on the command line is a mistake. */
function readFlags(words: readonly string[]): Pick<Patient, 'resolved' | 'configFault'> {
  try {
    return { resolved: resolveConfig(words, process.env), configFault: null }
  } catch (error) {
    if (!(error instanceof IntercomError)) throw error
    // Whatever the file has no part in is wrong this time, too.
    return { resolved: resolveConfig(words, process.env, { withoutFile: true }), configFault: error }
  }
}
