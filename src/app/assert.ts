/** What an assertion of a contract throws: a refusal by the contract, not a fault of it. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
  readonly code = 'ERR_ASSERTION'
}

function fail(message: unknown, fallback: string): never {
  if (message instanceof Error) throw message
  throw new AssertionError(message === undefined || message === null ? fallback : String(message))
}

function check(value: unknown, message?: unknown): void {
  if (!value) fail(message, `${show(value)} == true`)
}

// Recorded in the state, so it must not depend on where this runs: only falsy values come here.
function show(value: unknown): string {
  if (value === '') return "''"
  return typeof value === 'bigint' ? `${value}n` : String(value)
}

/** `assert(condition, text?)` and the few of its kin that contracts use. */
export const assert = Object.assign(check, {
  ok: check,
  fail: (message?: unknown) => fail(message, 'Failed'),
  equal(actual: unknown, expected: unknown, message?: unknown): void {
    if (!Object.is(actual, expected)) fail(message, 'Expected values to be equal')
  },
  strictEqual(actual: unknown, expected: unknown, message?: unknown): void {
    if (!Object.is(actual, expected)) fail(message, 'Expected values to be equal')
  },
  notEqual(actual: unknown, expected: unknown, message?: unknown): void {
    if (Object.is(actual, expected)) fail(message, 'Expected values to differ')
  },
  notStrictEqual(actual: unknown, expected: unknown, message?: unknown): void {
    if (Object.is(actual, expected)) fail(message, 'Expected values to differ')
  }
})

export type Assert = typeof assert
