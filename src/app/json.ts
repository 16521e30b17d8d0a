/** Null for what has no JSON. */
export function safeJsonStringify(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? null
  } catch {
    // A cycle, a bigint, a `toJSON` that throws: the answer is what says so.
    return null
  }
}

/** Undefined for what is not JSON. */
export function safeJsonParse(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    // Also what has no text at all: the answer is what says so.
    return undefined
  }
}

/** A copy by way of JSON; null for what is no object or has no JSON. */
export function safeClone(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return null
  const json = safeJsonStringify(value)
  return json === null ? null : JSON.parse(json)
}

export interface ErrorLike {
  readonly message: unknown
  readonly stack?: unknown
}

/** What counts as an error of a contract: anything that has both a stack and a message. */
export function isErrorLike(value: unknown): value is ErrorLike {
  if (value === null || value === undefined) return false
  try {
    const { stack, message } = value as { stack?: unknown; message?: unknown }
    return stack !== undefined && message !== undefined
  } catch {
    // An object that refuses to be read.
    return false
  }
}

/** `false` is an error without a text; nothing, or what is not like an error, is none. */
export function getError(value: unknown): ErrorLike | null {
  if (value === false) return new Error('Error')
  return isErrorLike(value) ? value : null
}
