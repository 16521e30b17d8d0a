import {
  DECISION_NAMES,
  DECISIONS,
  type Decision,
  type Role,
  targetKey,
  usualFor
} from '../config/decisions.ts'
import type { ConfigEntries } from './config-file.ts'
import type { FirstRun } from './first-run.ts'
import { type DecisionKey, type Given, isFlag } from './given.ts'

/** What was decided before. */
export interface Present {
  /** The config file, as it is. */
  readonly entries: ConfigEntries
  /** Of its flags, checked. */
  readonly values: ReadonlyMap<DecisionKey, unknown>
  readonly firstRun: FirstRun
}

/** Asks one decision; `stands` is what it is without an answer. */
export type Ask = (decision: Decision, role: Role, stands: unknown) => Promise<unknown>

export interface Outcome {
  readonly values: Map<DecisionKey, unknown>
  /** Asked or given, so that they are written down even where they are as usual. */
  readonly chosen: ReadonlySet<DecisionKey>
}

/** Decided when a store is picked, and by what `--invite` and `--welcome` bring. */
const ASIDE: ReadonlySet<DecisionKey> = new Set(['peerStoreName', 'invites', 'welcomes'])

/** Every decision: as given, else as asked, else as it was, else as is usual for the role. `ask` null: nothing is asked. */
export async function decide(given: Given, present: Present, ask: Ask | null): Promise<Outcome> {
  const values = new Map<DecisionKey, unknown>([...present.values, ...given.values])
  const chosen = new Set<DecisionKey>(given.values.keys())
  for (const name of DECISION_NAMES) {
    const decision = DECISIONS[name]
    const key = targetKey(decision)
    if (ASIDE.has(key)) continue
    const role = (values.get('role') ?? 'agent') as Role
    const stands = standing(decision, role, present)
    if (given.values.has(key)) values.set(key, given.values.get(key) ?? usualFor(decision, role))
    else if (decision.when?.(values) === false) values.set(key, isFlag(key) ? stands : null)
    else {
      const isAsked = decision.asked.includes(role)
      values.set(key, isAsked && ask !== null ? await ask(decision, role, stands) : stands)
      if (isAsked) chosen.add(key)
    }
  }
  return { values, chosen }
}

/** What holds when nobody says otherwise. With another role, what only the old one had goes. */
function standing(decision: Decision, role: Role, { values, firstRun }: Present): unknown {
  const { usual, usualOf } = decision
  const key = targetKey(decision)
  if (!values.has(key)) return usualFor(decision, role)
  const value = values.get(key)
  if (key === 'role' || firstRun.role === undefined || firstRun.role === role) return value
  if (usualOf[role] !== undefined) return usualOf[role]
  return value === usualOf[firstRun.role] ? usual : value
}
