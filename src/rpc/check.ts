import * as v from 'valibot'
import { jsonDepthWithin } from '../base/depth.ts'
import { utf8Text } from '../base/utf8.ts'
import type { RpcCode } from './codes.ts'
import { ENDPOINT_NAMES, ENDPOINTS, type EndpointName, type EndpointRow, type InputOf } from './endpoints.ts'

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: RpcCode; readonly error: string }

const SCHEMAS = new Map(
  ENDPOINT_NAMES.map((name) => {
    const { input }: EndpointRow = ENDPOINTS[name]
    return [name, v.object(input)]
  })
)

/** Total: whatever came becomes the object that a body has to be, or the refusal. */
export function parseBody(bytes: Uint8Array): Checked<object> {
  if (bytes.byteLength === 0) return refused('Missing JSON body.')
  if (!jsonDepthWithin(bytes)) return refused('Invalid JSON payload. It nests too deep.', 'unserialisable')
  const value = parseJson(utf8Text(bytes) ?? '')
  if (value === null) return refused('Missing JSON body.')
  if (typeof value !== 'object' || Array.isArray(value)) return refused('Invalid JSON payload.')
  return { ok: true, value }
}

/** Total: the fields that the endpoint takes, or what is wrong with the first of them. Others are left out. */
export function checkInput<E extends EndpointName>(name: E, given: object): Checked<InputOf<E>> {
  const { input }: EndpointRow = ENDPOINTS[name]
  // What is not there is told by the field that it is missing from.
  const whole = Object.fromEntries(
    Object.keys(input).map((key) => [key, (given as Record<string, unknown>)[key]])
  )
  const { success, output, issues } = v.safeParse(SCHEMAS.get(name) as v.GenericSchema, whole, {
    abortEarly: true
  })
  if (!success) return refused(issues[0].message)
  return { ok: true, value: output as InputOf<E> }
}

function refused(error: string, code: RpcCode = 'bad_request'): Checked<never> {
  return { ok: false, code, error }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is an ordinary outcome here; the refusal says so.
    return undefined
  }
}
