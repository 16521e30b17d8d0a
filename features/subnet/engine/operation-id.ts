import { OPERATIONS } from './operations/table.ts'

/**
 * Which operation this is, for whoever waits for it: the signature where it is one, or type and key. Anybody can
 * put somebody else's signature into a field that nobody signs. Total.
 */
export function operationId(value: unknown): string {
  const { hash, type, key, value: inner } = fieldsOf(value)
  const name = text(type)
  const isSigned = (OPERATIONS.get(name)?.row.form ?? null) !== null
  const signature = isSigned ? (hash ?? fieldsOf(fieldsOf(inner).dispatch).hash) : null
  return typeof signature === 'string' ? signature : `${name}/${text(key)}`
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
