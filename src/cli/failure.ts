import { BridgeError } from '#client'
import { toIntercomError } from '../base/errors.ts'
import type { Failure } from './failure-line.ts'

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
