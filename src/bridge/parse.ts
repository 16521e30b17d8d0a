import * as v from 'valibot'
import type { BridgeCode } from './codes.ts'
import { isRequestType, REQUESTS, type RequestType } from './protocol.ts'
import type { CheckedFields } from './types.ts'

export type Parsed =
  | { readonly ok: true; readonly id: number | null; readonly request: CheckedRequest }
  | {
      readonly ok: false
      readonly id: number | null
      readonly type: RequestType | null
      readonly code: BridgeCode
      readonly error: string
    }

/** A request whose fields are what its schema says. */
export type CheckedRequest = {
  [T in RequestType]: { readonly type: T; readonly fields: CheckedFields<T> }
}[RequestType]

const SCHEMAS = Object.fromEntries(
  Object.entries(REQUESTS).map(([type, { fields }]) => [
    type,
    v.object(fields as v.ObjectEntries, (issue) => `Missing ${String(issue.path?.[0]?.key)}.`)
  ])
) as Record<RequestType, v.ObjectSchema<v.ObjectEntries, v.ErrorMessage<v.ObjectIssue>>>

/** Total: whatever a client sent becomes a checked request or the refusal of it. Fields nobody knows are left out. */
export function parseRequest(text: string): Parsed {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refusal(null, null, 'bad_request', 'Invalid JSON.')
  const { id: given, type } = value as { id?: unknown; type?: unknown }
  const id = Number.isSafeInteger(given) ? (given as number) : null
  if (!isRequestType(type)) return refusal(id, null, 'unknown_type', `Unknown type: ${typeText(type)}`)
  const { success, output, issues } = v.safeParse(SCHEMAS[type], withoutNulls(value), { abortEarly: true })
  if (!success) return refusal(id, type, 'bad_request', issues[0].message)
  return { ok: true, id, request: { type, fields: output } as CheckedRequest }
}

/** Clients that know of a field and have nothing for it send null; a message may well be null. */
function withoutNulls(value: object): object {
  const entries = Object.entries(value)
  if (entries.every(([, field]) => field !== null)) return value
  return Object.fromEntries(entries.filter(([name, field]) => field !== null || name === 'message'))
}

function refusal(id: number | null, type: RequestType | null, code: BridgeCode, error: string): Parsed {
  return { ok: false, id, type, code, error }
}

function typeText(type: unknown): string {
  // Not the JSON of it: what nests deeper than the stack is high cannot be written.
  if (typeof type === 'object' && type !== null) return Array.isArray(type) ? 'a list' : 'an object'
  return String(type).slice(0, 100)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is an ordinary outcome here; the refusal says so.
    return undefined
  }
}
