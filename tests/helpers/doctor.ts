import type { Assertions } from 'brittle'
import { resolveConfig } from '../../src/config/resolve.ts'
import { examine } from '../../src/doctor/examine.ts'
import type { NamedFinding, Status } from '../../src/doctor/finding.ts'
import { CHECKS } from '../../src/doctor/table.ts'
import { type Patient, Visit } from '../../src/doctor/visit.ts'
import { LOOPBACK } from '../../src/network/local-dht.ts'
import { openNode } from './node.ts'
import { temporaryFolder } from './tmp.ts'

export const INFO = { words: [], environment: {}, now: Date.now, configFault: null }

/** What the checks of these names find in the store "peer" of that folder. */
export async function look(
  folder: string,
  names: readonly string[],
  flags: readonly string[] = [],
  more: Partial<Patient> = {}
): Promise<Record<string, NamedFinding>> {
  const words = ['--peer-stores-directory', folder, ...flags]
  const visit = new Visit({ ...INFO, words, resolved: resolveConfig(words, {}), ...more })
  const checks = CHECKS.filter(({ name }) => names.includes(name))
  const findings = await examine(visit, checks)
  return Object.fromEntries(findings.map((finding) => [finding.check, finding]))
}

export function assertFinding(
  t: Assertions,
  finding: NamedFinding | undefined,
  status: Status,
  says: RegExp,
  remedy?: RegExp
): void {
  const { status: found, says: said = '', remedy: helps = null } = finding ?? {}
  t.is(found, status, `${said} ${helps ?? ''}`)
  t.ok(says.test(said), `${said} says ${says}`)
  if (remedy === undefined) t.is(helps, null, 'nothing to do')
  else t.ok(remedy.test(helps ?? ''), `${helps} names ${remedy}`)
}

/** A store as a node leaves it. */
export async function madeStore(t: Assertions, flags: readonly string[] = []): Promise<string> {
  const folder = temporaryFolder(t)
  const { node, sidechannels } = await openNode(t, [{ host: LOOPBACK, port: 1 }], flags, folder)
  await sidechannels.close()
  await node.close()
  return folder
}
