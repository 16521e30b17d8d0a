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

/** One line for standard error. */
export function failureLine({ code, error, detail, next }: Failure, json: boolean): string {
  if (json) return jsonLine({ type: 'error', code, error, detail, next })
  // The deployed sentence, then what we know better.
  return `intercom: ${[error, detail, next]
    .filter(Boolean)
    .map((text) => printable(String(text)))
    .join(' ')}`
}
