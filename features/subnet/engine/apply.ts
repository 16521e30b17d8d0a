import type { ApplyHost, ApplyNode } from 'autobase'
import b4a from 'b4a'
import type Hyperbee from 'hyperbee'
import { depthWithin } from '../../../src/base/depth.ts'
import { hex32 } from '../../../src/base/hex.ts'
import { BatchStore } from './batch-store.ts'
import type { Applied, AppliedEvent, AppliedOperation } from './events.ts'
import { operationId } from './operation-id.ts'
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
  readonly onapplied?: (applied: Applied) => void
}

export type Apply = (nodes: readonly ApplyNode[], view: Hyperbee, host: ApplyHost) => Promise<void>

/** The `apply` of Autobase: one batch for all nodes of a call, since their number decides the blocks of the view. */
export function createApply({ contract, settlements, limits, onapplied }: EngineOptions): Apply {
  const written = new Written()
  return async (nodes, view, host) => {
    const undone = written.truncated(view.core.length)
    const changed = new Set<string>()
    const operations: AppliedOperation[] = []
    const batch = view.batch()
    try {
      const store = new BatchStore(batch, changed)
      await store.readAhead(nodes.flatMap(({ value }) => onceKeyOf(value) ?? []))
      const state = new State(store)
      const shared = { subnet: hex32(host.key), state, host, contract, settlements, limits }
      let rules: Rules | null = null
      for (const { value, from } of nodes) {
        rules ??= await rulesOf(state)
        const events: AppliedEvent[] = []
        const emit = (event: AppliedEvent) => void events.push(event)
        const writer = hex32(from.key)
        const { type, accepted } = await applyOne(value, { ...shared, rules, from: writer, emit })
        operations.push({ from: writer, id: operationId(value), type, accepted, events })
        if (type === 'addAdmin') rules = null
      }
      await batch.flush()
    } finally {
      await batch.close()
    }
    written.add(view.core.length, changed)
    onapplied?.({ operations, changed: new Set([...undone.keys, ...changed]), more: undone.more })
  }
}

const LONGEST_ID = 128

/**
 * Where it is marked that this operation was applied, which is asked for first: of all of a batch at once, since each
 * is somewhere else on the disk.
 */
function onceKeyOf(value: unknown): string | null {
  const { type, key } = (value ?? {}) as { readonly type?: unknown; readonly key?: unknown }
  const id = type === 'tx' ? key : operationId(value)
  if (typeof id !== 'string' || id.length > LONGEST_ID) return null
  return type === 'tx' ? KEYS.txIndex(id) : KEYS.spent(id)
}

// Batches that were signed are never taken back, and there are seldom more than a few that are not.
const REMEMBERED = 1024

/** Which keys the last batches wrote: a reorder takes them back without a word. */
class Written {
  readonly #batches: { readonly end: number; readonly keys: ReadonlySet<string> }[] = []
  /** Of what is below this length in the view it is not known any more. */
  #known: number | null = null

  add(end: number, keys: ReadonlySet<string>): void {
    this.#batches.push({ end, keys })
    if (this.#batches.length > REMEMBERED) this.#known = this.#batches.shift()?.end ?? end
  }

  /** What was written in what the view has no longer. */
  truncated(length: number): { readonly keys: Set<string>; readonly more: boolean } {
    const keys = new Set<string>()
    this.#known ??= length
    const more = length < this.#known
    if (more) this.#known = length
    for (
      let last = this.#batches.at(-1);
      last !== undefined && last.end > length;
      last = this.#batches.at(-1)
    ) {
      for (const key of last.keys) keys.add(key)
      this.#batches.pop()
    }
    return { keys, more }
  }
}

/** Total: whatever stands in the log is applied or refused. */
export async function applyOne(
  value: unknown,
  context: ApplyContext
): Promise<Pick<AppliedOperation, 'type' | 'accepted'>> {
  const found = readOperation(value, context.rules)
  if (found === null) return { type: null, accepted: false }
  const { op, type, row } = found
  const most = row.maxBytes?.(context.limits) ?? context.rules.maxOpBytes
  if (found.bytes > most || row.sound?.(op, context.rules) === false) return { type, accepted: false }
  const outcome = row.form === null ? await settle(row, op, context, '') : await applySigned(row, op, context)
  return { type, accepted: outcome === 'accepted' }
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
