import { type Finding, fail, ok } from '../finding.ts'
import type { Visit } from '../visit.ts'

export function config({ patient }: Visit): Finding {
  const { configFault, resolved } = patient
  if (configFault !== null) {
    const next = configFault.next.replace(/\.$/, '')
    return fail(configFault.message, `${next}. The other checks were made without the file.`)
  }
  const set = Object.values(resolved.sources).filter((source) => source === 'config file').length
  return ok(set === 0 ? 'No flag is set in it.' : `It sets ${set} flag${set === 1 ? '' : 's'}.`)
}
