import b4a from 'b4a'
import { jsonDepthWithin } from './depth.ts'
import type { Untrusted } from './untrusted.ts'

/** Far above any invite or welcome, far below what would be worth sending as an attack. */
export const MAX_TOKEN_TEXT = 262_144

/**
 * An invite or welcome as people and agents pass it on: JSON, or base64 of the JSON, the latter with or
 * without a `b64:` prefix. For `@file` the caller hands in the file's text. Total: null when it is neither.
 */
export function parseTokenText<T>(text: string): Untrusted<T> | null {
  if (text.length > MAX_TOKEN_TEXT) return null
  const trimmed = text.trim()
  const json = trimmed.startsWith('{') ? b4a.from(trimmed) : decodeBase64(trimmed)
  if (json === null || !jsonDepthWithin(json)) return null
  const value = parseJson(b4a.toString(json))
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Untrusted<T>) : null
}

/** The one-line form to hand out: base64 of the JSON. */
export function tokenText(value: object): string {
  return b4a.toString(b4a.from(JSON.stringify(value)), 'base64')
}

function decodeBase64(text: string): Uint8Array | null {
  // Mail and terminals wrap long lines; some encoders use the alphabet made for addresses, or do not pad.
  const plain = text.replace(/^b64:/, '').replace(/\s+/g, '').replaceAll('-', '+').replaceAll('_', '/')
  const match = /^([A-Za-z0-9+/]+)={0,2}$/.exec(plain)
  const digits = match?.[1] ?? ''
  // Runtimes differ in what they make of a number of digits that no bytes have.
  return digits.length === 0 || digits.length % 4 === 1 ? null : b4a.from(digits, 'base64')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is an ordinary outcome here, and the parser's own sentence would quote the input.
    return null
  }
}
