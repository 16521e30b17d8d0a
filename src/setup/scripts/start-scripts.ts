import path from '#path'
import { sealed } from '../generated.ts'
import type { GeneratedFile, StartPlan } from '../plan.ts'
import { cmdScript } from './cmd.ts'
import type { Rendered } from './header.ts'
import { powershellScript } from './powershell.ts'
import { shScript } from './sh.ts'

const KINDS: readonly (readonly [extension: string, mode: number, render: (plan: StartPlan) => Rendered])[] =
  [
    ['sh', 0o755, shScript],
    ['ps1', 0o644, powershellScript],
    ['cmd', 0o644, cmdScript]
  ]

/** `scripts/start-<peer>.sh`, `.ps1` and `.cmd`, and the values that stand in files beside them. */
export function startScripts(plan: StartPlan): GeneratedFile[] {
  const blobs = new Map<string, GeneratedFile>()
  const scripts = KINDS.map(([extension, mode, render]) => {
    const { content, blobs: own } = render(plan)
    for (const blob of own) blobs.set(blob.path, blob)
    return { path: scriptPath(plan, extension), content: sealed(content), mode }
  })
  return [...scripts, ...blobs.values()]
}

/** Where the values stand that are not within a script. */
export function valuesFolder({ project, peer }: StartPlan): string {
  return path.join(project, 'scripts', `start-${peer}.d`)
}

export function scriptPath({ project, peer }: StartPlan, extension: string): string {
  return path.join(project, 'scripts', `start-${peer}.${extension}`)
}
