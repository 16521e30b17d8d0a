import { BridgeError } from '#client'
import { toIntercomError } from '../base/errors.ts'
import { printable } from '../base/text.ts'
import { jsonLine } from './lines.ts'

/** What went wrong, for people and programs, and the exit code that says so to a shell. */
export interface Failure {
  readonly code: string
  readonly error: string
  readonly detail: string | null
  readonly next: string
  readonly exit: number
}

/** Those of the bridge and its client that are not just a refusal. */
const EXITS: Readonly<Record<string, number>> = {
  cannot_connect: 3,
  protocol: 3,
  timeout: 3,
  closed: 3,
  unauthorized: 4,
  forbidden: 4
}

export function failureOf(cause: unknown): Failure {
  if (cause instanceof BridgeError) {
    const { code, message: error, detail, next } = cause
    return { code, error, detail, next, exit: EXITS[code] ?? 1 }
  }
  const { code, message: error, next, exitCode: exit } = toIntercomError(cause)
  return { code, error, detail: null, next, exit }
}

/** One line for standard error. */
export function failureLine({ code, error, detail, next }: Failure, json: boolean): string {
  if (json) return jsonLine({ type: 'error', code, error, detail, next })
  // The deployed sentence, then what we know better.
  return `intercom: ${[error, detail, next]
    .filter(Boolean)
    .map((text) => printable(String(text)))
    .join(' ')}`
}
