import fs from '#fs'
import { KEYS } from '../app/state-keys.ts'
import { IntercomError, messageOf, systemCode, toIntercomError } from '../base/errors.ts'
import { printable } from '../base/text.ts'
import { CONFIG_FILE } from '../config/resolve.ts'
import type { IntercomNode } from '../node.ts'
import type { Handed, HandedOver } from '../planes.ts'
import type { PeerStore } from '../store/peer-store.ts'
import type { SubnetPlane } from '../subnet-plane.ts'
import {
  configText,
  type FirstRun,
  isPending,
  parseConfigObject,
  parseFirstRun,
  STEP_TEXTS,
  STEPS,
  type Step
} from './first-run.ts'

interface StepRow {
  /** Where the state has it. */
  readonly key: string
  readonly wanted: (on: boolean, own: string) => unknown
  /** As it would be typed. */
  readonly command: (on: boolean, own: string) => string
}

const ROWS: Readonly<Record<Step, StepRow>> = {
  admin: {
    key: KEYS.admin,
    wanted: (_, own) => own,
    command: (_, own) => `/add_admin --address ${own}`
  },
  chat: {
    key: KEYS.chatStatus,
    wanted: onOff,
    command: (on) => `/set_chat_status --enabled ${Number(on)}`
  },
  autoAddWriters: {
    key: KEYS.autoAddWriters,
    wanted: onOff,
    command: (on) => `/set_auto_add_writers --enabled ${Number(on)}`
  }
}

/** Nobody can be asked; what is applied is shown by the subnet itself. */
const CALLER = { ask: async () => null, seesLines: true }

/** Puts into force, once, what the first run decided of the subnet that this peer made. */
export async function putIntoForce(node: IntercomNode, print: (line: string) => void): Promise<void> {
  const { subnet } = node.planes
  const firstRun = readFirstRun(node.store)
  const pending = STEPS.filter((step) => isPending(firstRun, step))
  if (subnet === null || pending.length === 0) return
  if (subnet.bootstrap !== subnet.writerKey) {
    node.log.warn('firstRun of config.json has no effect: another peer made this subnet', {
      steps: pending.join()
    })
    return
  }
  for (const step of pending) {
    const error = await applyStep(node, subnet, firstRun, step, print).catch(toIntercomError)
    if (error === null) continue
    logFailure(node, 'the first run is not in force yet; the next start tries again', error, { step })
    // What comes after it would fail, too.
    return
  }
}

/** Why it failed, or null. */
async function applyStep(
  node: IntercomNode,
  subnet: SubnetPlane,
  firstRun: FirstRun,
  step: Step,
  print: (line: string) => void
): Promise<IntercomError | null> {
  const { key, wanted, command } = ROWS[step]
  const on = firstRun[step] === true
  const stands = await subnet.get(key, false)
  const isDone = stands === wanted(on, node.key)
  // Somebody has said so since, and it was not decided anew.
  const isOverruled = stands !== null && (step === 'admin' || !firstRun.changed?.includes(step))
  if (!isDone && !isOverruled) {
    const outcome = await node.commands.run(command(on, node.key), CALLER)
    if (!outcome.ok) return toIntercomError(outcome.error)
    for (const line of outcome.output.lines) print(printable(line))
    print(`First run: ${STEP_TEXTS[step][on ? 'on' : 'off']}.`)
  }
  record(node, (before) => ({
    ...before,
    applied: [...new Set([...(before.applied ?? []), step])],
    changed: before.changed?.filter((other) => other !== step)
  }))
  return null
}

/** Hands the invites and welcomes that the first run was given to the sidechannels, which keep them. */
export function handOver(
  node: IntercomNode,
  take: (handed: readonly Handed[]) => readonly HandedOver[]
): void {
  const { invites = [], welcomes = [] } = readFirstRun(node.store)
  // A welcome may need the invite to its channel.
  const handed: Handed[] = [
    ...invites.map((text) => ({ kind: 'invites', text }) as const),
    ...welcomes.map((text) => ({ kind: 'welcomes', text }) as const)
  ]
  if (handed.length === 0) return
  if (!node.config.sidechannelPersist) {
    const next = 'Start with --sidechannel-persist 1, at least once.'
    const fault = new IntercomError('denied', 'Nothing is kept with --sidechannel-persist 0.', { next })
    logFailure(node, 'invites and welcomes of the first run wait', fault, {})
    return
  }
  for (const { kind, text, channel, fault } of take(handed)) {
    if (fault !== null) {
      logFailure(node, `one of the ${kind} of the first run was refused`, fault, {})
      continue
    }
    record(node, (before) => ({ ...before, [kind]: before[kind]?.filter((other) => other !== text) }))
    node.log.info(`one of the ${kind} of the first run is kept now`, { channel })
  }
}

function logFailure(
  node: IntercomNode,
  what: string,
  { code, message, next }: IntercomError,
  more: object
): void {
  node.log.error(what, { ...more, code, error: message, next })
}

function readFirstRun(store: PeerStore): FirstRun {
  return parseFirstRun(readEntries(store).firstRun)
}

function readEntries(store: PeerStore): Readonly<Record<string, unknown>> {
  try {
    return parseConfigObject(fs.readFileSync(store.file(CONFIG_FILE), 'utf-8'))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return {}
    throw error
  }
}

/** Read again first: somebody may have decided anew meanwhile. What is not ours in it stays. */
function record(node: IntercomNode, change: (before: FirstRun) => object): void {
  try {
    const entries = readEntries(node.store)
    const firstRun = Object.entries({
      ...(entries.firstRun ?? {}),
      ...change(parseFirstRun(entries.firstRun))
    })
    const kept = firstRun.filter(
      ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)
    )
    node.store.writeFile(CONFIG_FILE, configText({ ...entries, firstRun: Object.fromEntries(kept) }))
  } catch (error) {
    node.log.error('cannot record what the first run did; the next start looks again', {
      error: messageOf(error)
    })
  }
}

function onOff(on: boolean): 'on' | 'off' {
  return on ? 'on' : 'off'
}
