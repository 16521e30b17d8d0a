import type { Hex32 } from '../../../src/base/hex.ts'

/**
 * What an applied operation did, told after it is in the view. The line is the text that deployed peers print;
 * it holds words of others, so whoever shows it cleans it first. After a reorder the same is told again.
 */
export interface AppliedEvent {
  readonly op: string
  readonly line: string | null
  readonly details: Readonly<Record<string, unknown>>
}

/** One entry of the log, as it was applied here. */
export interface AppliedOperation {
  /** The writer in whose log it stands. */
  readonly from: Hex32
  /** Tells operations apart: the signature, or type and key. */
  readonly id: string
  /** Null for what no ruleset knows. */
  readonly type: string | null
  readonly accepted: boolean
  readonly events: readonly AppliedEvent[]
}

/** One batch of them. */
export interface Applied {
  readonly operations: readonly AppliedOperation[]
  /** Keys that were written, now or in a batch that this one takes the place of. */
  readonly changed: ReadonlySet<string>
  /** There are more of them than could be named. */
  readonly more: boolean
}
