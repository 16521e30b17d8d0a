import type { Flag } from '../config/start-command.ts'

/** What start scripts and services are made of: a peer, and how it is started. */
export interface StartPlan {
  /** The folder of the project: absolute. */
  readonly project: string
  readonly peer: string
  /** As the flag has it: relative to the project, or absolute. */
  readonly storesDirectory: string
  /**
   * Every flag that is not as usual, in the order of their table and as it is typed: `@file` is a file, and what is
   * none but begins so went through `typedValue`. Texts too long or secret are `@file`s.
   */
  readonly flags: readonly Flag[]
  /** The line that makes the same files again. */
  readonly regenerate: string
}

/** A file that we make and that people may change, which we then do not replace unasked. */
export interface GeneratedFile {
  readonly path: string
  readonly content: string
  readonly mode: number
}
