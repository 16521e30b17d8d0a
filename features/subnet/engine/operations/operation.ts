import type { ApplyHost } from 'autobase'
import * as v from 'valibot'
import type { Hex32 } from '../../../../src/base/hex.ts'
import type { AppliedEvent } from '../events.ts'
import type { Rules } from '../rules.ts'
import type { ContractRunner } from '../runner.ts'
import type { Settlements } from '../settlement.ts'
import type { Statement } from '../signing.ts'
import type { State } from '../state.ts'

/** Byte limits that an app may override; all peers of a subnet need the same ones. */
export interface Limits {
  featMaxBytes(): number
  txMaxBytes(): number
  msgMaxBytes(): number
}

/** All that an operation may see and touch: the view, the rules, and who wrote it. No node, no clock. */
export interface ApplyContext {
  readonly rules: Rules
  readonly subnet: Hex32
  /** The writer in whose log it stands. */
  readonly from: Hex32
  readonly state: State
  readonly host: ApplyHost
  readonly contract: ContractRunner
  readonly settlements: Settlements
  readonly limits: Limits
  emit(event: AppliedEvent): void
}

/** `refused`: nothing of it is in the view. */
export type Outcome = 'accepted' | 'refused'

export interface SignedForm<T> {
  readonly statement: (op: T) => Statement
  readonly signature: (op: T) => string
}

export interface OperationRow<T> {
  readonly maxBytes?: (limits: Limits) => number
  /** What must hold of the operation by itself. */
  readonly sound?: (op: T, rules: Rules) => boolean
  readonly form: SignedForm<T> | null
  /** Whose signature counts; those who are missing count for nobody. */
  readonly signers?: (op: T, context: ApplyContext) => Promise<readonly (string | null)[]>
  /** What must hold of the state. */
  readonly ready?: (op: T, context: ApplyContext) => Promise<boolean>
  /** Writes it down, but for the signature, which is always last. */
  readonly apply: (op: T, context: ApplyContext, signer: string) => Promise<Outcome | undefined>
}

/** A row whose own type is sealed in. */
export interface Operation {
  matches(op: object, rules: Rules): boolean
  readonly row: OperationRow<unknown>
}

/** The type of an operation is that of its schema; forms and checks may ask for less. */
export function operation<S extends v.GenericSchema<unknown, unknown>>(
  schemaOf: (rules: Rules) => S,
  row: OperationRow<v.InferOutput<S>>
): Operation {
  const schemas = new Map<Rules, S>()
  return {
    matches(op, rules) {
      let schema = schemas.get(rules)
      if (schema === undefined) {
        schema = schemaOf(rules)
        schemas.set(rules, schema)
      }
      return v.is(schema, op)
    },
    row: row as OperationRow<unknown>
  }
}
