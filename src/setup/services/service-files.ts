import path from '#path'
import { quoted } from '../../base/text.ts'
import { sealed } from '../generated.ts'
import type { GeneratedFile, StartPlan } from '../plan.ts'
import { valuesFolder } from '../scripts/start-scripts.ts'
import { agentLabel, launchdAgent } from './launchd.ts'
import { type Surroundings, surroundings } from './surroundings.ts'
import { systemdUnit, temporaryPlace, unitName } from './systemd.ts'

export type ServiceKind = 'systemd' | 'launchd'

const KINDS = {
  systemd: { fileName: unitName, render: systemdUnit },
  launchd: { fileName: (peer: string) => `${agentLabel(peer)}.plist`, render: launchdAgent }
} as const

/** What a supervisor takes, beside the start script that it runs; a comment in it says how to install it. */
export function serviceFiles(
  kind: ServiceKind,
  plan: StartPlan,
  around: Surroundings = surroundings()
): GeneratedFile[] {
  const { fileName, render } = KINDS[kind]
  const file = path.join(valuesFolder(plan), fileName(plan.peer))
  return [{ path: file, content: sealed(render(plan, file, around)), mode: 0o644 }]
}

/** What whoever asks for a service should know before it is installed. */
export function serviceNotes(
  kind: ServiceKind,
  plan: StartPlan,
  around: Surroundings = surroundings()
): string[] {
  const place = kind === 'systemd' ? temporaryPlace(plan, around) : null
  if (place === null) return []
  return [
    `Warning: the service needs ${quoted(place, 300)}, and systems empty such folders, mostly when they start. Move it to a place that stays before you install the service, then run init again there.`
  ]
}
