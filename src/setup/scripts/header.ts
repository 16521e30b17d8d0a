import path from '#path'
import { printable } from '../../base/text.ts'
import { flagName } from '../../config/flags.ts'
import { readVersion } from '../../version.ts'
import { SEAL_LINE } from '../generated.ts'
import type { GeneratedFile, StartPlan } from '../plan.ts'
import type { Entry } from './entries.ts'

export interface Rendered {
  readonly content: string
  readonly blobs: readonly GeneratedFile[]
}

/** What each script says of itself, in lines for its comments. */
export function header(plan: StartPlan, extension: string): string[] {
  const { peer, regenerate } = plan
  return [
    `Starts the Intercom peer "${peer}", from any folder. Flags given to it win:`,
    `  scripts/start-${peer}.${extension} --log-level debug`,
    storeLine(plan),
    `Made by Intercom ${readVersion()}, ${SEAL_LINE}`,
    'and made again by:',
    `  ${printable(regenerate)}`,
    'The flags here win over config.json: after a change there by hand, run that line again.',
    'What you change here is noticed, and not replaced unasked.',
    'A second start is refused by the node itself, which holds a lock on its store.'
  ]
}

/** Says which of two peers of one name it is for. */
export function storeLine({ storesDirectory, peer }: StartPlan): string {
  return `Its store: ${printable(path.join(storesDirectory, peer))}`
}

export function configComment({ peer }: StartPlan, { key, why }: Entry): string {
  return `--${flagName(key)} is not here but in config.json of the store "${peer}": ${why}.`
}
