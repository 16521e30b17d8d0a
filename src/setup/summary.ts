import b4a from 'b4a'
import type { Hex32 } from '../base/hex.ts'
import type { Config } from '../config/flags.ts'
import { flagName } from '../config/flags.ts'
import type { Flag } from '../config/start-command.ts'
import { identityLines } from '../identity/address.ts'
import { type FirstRun, isPending, STEP_TEXTS, STEPS } from './first-run.ts'

export interface SummaryParts {
  readonly config: Config
  readonly firstRun: FirstRun
  /** Those that are not as usual. */
  readonly flags: readonly Flag[]
  /** A line about each file. */
  readonly written: readonly string[]
  /** A node has the store at the moment. */
  readonly runs: boolean
  /** How to go on. */
  readonly start: readonly string[]
  /** Its identity. */
  readonly key: Hex32
}

const SHOWN = 100

/** What a person reads at the end: what is not as usual, where it stands, and how to go on. */
export function summary({ config, firstRun, flags, written, runs, start, key }: SummaryParts): string[] {
  const { role = 'agent', valueTransfer } = firstRun
  const unusual = [
    ...flags.map(([key, value]) => `  --${flagName(key)} ${shortened(value)}`),
    ...stepLines(firstRun)
  ]
  if (valueTransfer) unusual.push('  it will pay for transactions, once a version can')
  return [
    `Peer ${config.peerStoreName}: ${role}. ${unusual.length === 0 ? 'All is as usual.' : 'What is not as usual:'}`,
    ...unusual,
    ...written,
    ...(runs ? ['The node of this store runs: what changed takes effect at its next start.'] : []),
    ...identityLines(b4a.from(key, 'hex')),
    ...start
  ]
}

/** What the next start does once. */
function stepLines(firstRun: FirstRun): string[] {
  const steps = STEPS.filter((step) => isPending(firstRun, step))
  const { invites = [], welcomes = [] } = firstRun
  return [
    ...steps.map(
      (step) => `  at the next start: ${STEP_TEXTS[step][firstRun[step] === true ? 'on' : 'off']}`
    ),
    ...(invites.length > 0
      ? [`  at the next start: the sidechannels take over invites (${invites.length})`]
      : []),
    ...(welcomes.length > 0
      ? [`  at the next start: the sidechannels take over welcomes (${welcomes.length})`]
      : [])
  ]
}

function shortened(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`
}
