import type { ApplyHost, ApplyNode } from 'autobase'
import b4a from 'b4a'
import type Hyperbee from 'hyperbee'
import { depthWithin } from '../../../src/base/depth.ts'
import { hex32 } from '../../../src/base/hex.ts'
import type { AppliedEvent } from './events.ts'
import type { ApplyContext, Limits, Operation, OperationRow, Outcome } from './operations/operation.ts'
import { OPERATIONS } from './operations/table.ts'
import type { Rules } from './rules.ts'
import { rulesOf } from './ruleset.ts'
import type { ContractRunner } from './runner.ts'
import type { Settlements } from './settlement.ts'
import { signerAmong } from './signing.ts'
import { State } from './state.ts'
import { KEYS } from './state-keys.ts'

export interface EngineOptions {
  readonly contract: ContractRunner
  readonly settlements: Settlements
  readonly limits: Limits
  /** Called after the view has them. */
  readonly onapplied?: (events: readonly AppliedEvent[]) => void
}

export type Apply = (nodes: readonly ApplyNode[], view: Hyperbee, host: ApplyHost) => Promise<void>

/** The `apply` of Autobase: one batch for all nodes of a call, since their number decides the blocks of the view. */
export function createApply({ contract, settlements, limits, onapplied }: EngineOptions): Apply {
  return async (nodes, view, host) => {
    const batch = view.batch()
    const events: AppliedEvent[] = []
    try {
      const state = new State(batch)
      const shared = { subnet: hex32(host.key), state, host, contract, settlements, limits }
      let rules: Rules | null = null
      for (const { value, from } of nodes) {
        rules ??= await rulesOf(state)
        const told: AppliedEvent[] = []
        const emit = (event: AppliedEvent) => void told.push(event)
        const type = await applyOne(value, { ...shared, rules, from: hex32(from.key), emit })
        events.push(...told)
        if (type === 'addAdmin') rules = null
      }
      await batch.flush()
    } finally {
      await batch.close()
    }
    if (events.length > 0) onapplied?.(events)
  }
}

/** Total: whatever stands in the log is applied or refused. Returns the type of what had an effect. */
export async function applyOne(value: unknown, context: ApplyContext): Promise<string | null> {
  const found = readOperation(value, context.rules)
  if (found === null) return null
  const { op, type, row } = found
  const most = row.maxBytes?.(context.limits) ?? context.rules.maxOpBytes
  if (found.bytes > most || row.sound?.(op, context.rules) === false) return null
  const outcome = row.form === null ? await settle(row, op, context, '') : await applySigned(row, op, context)
  return outcome === 'accepted' ? type : null
}

async function applySigned(row: OperationRow<unknown>, op: unknown, context: ApplyContext): Promise<Outcome> {
  const { rules, state, subnet } = context
  const signature = row.form?.signature(op) ?? ''
  const statement = row.form?.statement(op)
  const message = statement === undefined ? null : rules.signedBytes(statement, subnet)
  if (message === null) return 'refused'
  const signer = signerAmong((await row.signers?.(op, context)) ?? [], signature, message)
  if (signer === null || (await state.has(KEYS.spent(signature)))) return 'refused'
  const outcome = await settle(row, op, context, signer)
  if (outcome === 'accepted' || rules.spendsRefused) await state.put(KEYS.spent(signature), '')
  return outcome
}

async function settle(
  row: OperationRow<unknown>,
  op: unknown,
  context: ApplyContext,
  signer: string
): Promise<Outcome> {
  if ((await row.ready?.(op, context)) === false) return 'refused'
  return (await row.apply(op, context, signer)) ?? 'accepted'
}

interface Found {
  readonly op: object
  readonly type: string
  readonly row: OperationRow<unknown>
  readonly bytes: number
}

/** A copy, so that nothing a contract does to it is there when the same node is applied again. */
function readOperation(value: unknown, rules: Rules): Found | null {
  const copied = copyOf(value, rules.maxDepth)
  if (copied === null) return null
  const { op, bytes } = copied
  const { type } = op as { type?: unknown }
  const known: Operation | undefined = typeof type === 'string' ? OPERATIONS.get(type) : undefined
  if (known === undefined || !known.matches(op, rules)) return null
  return { op, type: type as string, row: known.row, bytes }
}

function copyOf(value: unknown, maxDepth: number): { op: object; bytes: number } | null {
  if (typeof value !== 'object' || value === null) return null
  try {
    if (!depthWithin(value, maxDepth)) return null
    const json = JSON.stringify(value)
    const op: unknown = JSON.parse(json)
    return typeof op === 'object' && op !== null ? { op, bytes: b4a.byteLength(json) } : null
  } catch {
    // Nothing that came as JSON ends here.
    return null
  }
}
