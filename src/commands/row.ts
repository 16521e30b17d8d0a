import type { ValueType } from '../config/types.ts'

/** What a command can do to the node; the bridge grants these one by one. */
export type Effect = 'read' | 'write' | 'secret' | 'exit'

/** Who may run a command, as far as the node decides. */
export type Who =
  | 'anyone'
  | 'the peer that made the subnet'
  | 'admin'
  | 'admin or mod'
  | 'admin, mod or author'

export interface Argument<T = unknown> {
  readonly type: ValueType<T>
  readonly required: boolean
  /** May also be given without its name, as the first word. */
  readonly positional: boolean
  readonly help: string
  /** The whole sentence for who left it out, where the usual one is not to be given. */
  readonly missing?: string
}

export interface CommandRow {
  readonly args: Readonly<Record<string, Argument>>
  readonly effect: Effect
  readonly who: Who
  readonly help: string
  readonly example: string
}

export function optional<T>(type: ValueType<T>, help: string, positional = false) {
  return { type, help, positional, required: false } as const
}

export function needed<T>(type: ValueType<T>, help: string, positional = false) {
  return { type, help, positional, required: true } as const
}
