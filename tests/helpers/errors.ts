import type { Assertions } from 'brittle'
import { type ErrorCode, IntercomError } from '../../src/base/errors.ts'

/** The error `run` throws, which must be one of ours: one line with a next step. */
export function errorOf(t: Assertions, run: () => unknown): IntercomError {
  try {
    run()
  } catch (error) {
    if (!(error instanceof IntercomError)) throw error
    if (/[\r\n]/.test(error.message)) t.fail(`more than one line: ${JSON.stringify(error.message)}`)
    if (error.next === '') t.fail(`no next step: ${error.message}`)
    return error
  }
  throw new Error('expected an error')
}

/** `run` fails with this code, and the sentence names each of the texts. */
export function failsWith(
  t: Assertions,
  code: ErrorCode,
  texts: readonly string[],
  run: () => unknown
): void {
  const error = errorOf(t, run)
  t.is(error.code, code, error.message)
  for (const text of texts) t.ok(error.message.includes(text), `"${error.message}" names ${text}`)
}

/** The error of ours that a promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<IntercomError> {
  try {
    await promise
  } catch (error) {
    if (error instanceof IntercomError) return error
    throw error
  }
  throw new Error('expected an error')
}
