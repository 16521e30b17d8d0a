import { notJson } from '../base/errors.ts'
import { ROLES, type Role } from '../config/decisions.ts'
import { isObject } from '../config/types.ts'

/** What is put into force once, at a start, instead of holding at every one. */
export const STEPS = ['admin', 'chat', 'autoAddWriters'] as const
export type Step = (typeof STEPS)[number]

/** What it is for people, once it is in force. */
export const STEP_TEXTS: Readonly<Record<Step, { readonly on: string; readonly off: string }>> = {
  admin: { on: 'this peer is the admin of its subnet', off: 'this peer is no admin' },
  chat: { on: 'the chat of the subnet is on', off: 'the chat of the subnet is off' },
  autoAddWriters: { on: 'whoever joins the subnet may write', off: 'the admin adds writers one by one' }
}

/** `firstRun` in config.json: decisions that are no flags. */
export interface FirstRun {
  readonly role?: Role
  readonly admin?: boolean
  readonly chat?: boolean
  readonly autoAddWriters?: boolean
  readonly valueTransfer?: boolean
  /** Handed to the sidechannels at the next start, which keep them; then they are gone from here. Base64. */
  readonly invites?: readonly string[]
  readonly welcomes?: readonly string[]
  /** What was put into force: later commands win over it. */
  readonly applied?: readonly Step[]
  /** What was decided anew since: this wins over the state as it is. */
  readonly changed?: readonly Step[]
}

/** Total: what is not understood is left out. */
export function parseFirstRun(value: unknown): FirstRun {
  if (!isObject(value)) return {}
  const fields = value as Record<string, unknown>
  const { role } = fields
  const firstRun: Record<string, unknown> = {}
  if (ROLES.some((known) => known === role)) firstRun.role = role
  for (const key of [...STEPS, 'valueTransfer'])
    if (typeof fields[key] === 'boolean') firstRun[key] = fields[key]
  for (const key of ['invites', 'welcomes']) {
    const texts = textsOf(fields[key])
    if (texts.length > 0) firstRun[key] = texts
  }
  for (const key of ['applied', 'changed']) {
    const steps = textsOf(fields[key]).filter(isStep)
    if (steps.length > 0) firstRun[key] = steps
  }
  return firstRun
}

/** Not yet in force, as far as is on record. */
export function isPending(firstRun: FirstRun, step: Step): boolean {
  if (firstRun.changed?.includes(step)) return true
  return firstRun[step] === true && !firstRun.applied?.includes(step)
}

/** The object in a config file. Total: one that is not JSON was refused before it comes to this. */
export function parseConfigObject(content: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(content)
    return isObject(value) ? (value as Record<string, unknown>) : {}
  } catch (error) {
    throw new Error(`config.json is not JSON (${notJson(error)})`)
  }
}

export function configText(entries: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(entries, null, 2)}\n`
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}

function isStep(text: string): text is Step {
  return STEPS.some((step) => step === text)
}
