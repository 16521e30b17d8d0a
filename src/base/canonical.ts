import { MAX_DEPTH } from './depth.ts'

/**
 * Canonical JSON (spec/sidechannel 1.3), the text that signatures and proofs of work cover: object keys
 * sorted by UTF-16 code unit at every level, no white space, `undefined` as `null`, numbers and strings as
 * JSON.stringify prints them.
 *
 * Takes what JSON.parse returns. Returns null, and never throws, for a value that has no such text: one
 * that nests deeper than `maxDepth` (so a cyclic one too) or holds a function, a symbol or a bigint.
 */
export function canonicalJson(value: unknown, maxDepth: number = MAX_DEPTH): string | null {
  // The depth bounds the recursion, so no caller may lift it out of the stack's reach.
  const depth = Math.min(maxDepth, 4 * MAX_DEPTH)
  const sorted = sortKeys(value, depth)
  return sorted === undefined ? write(value, depth) : JSON.stringify(sorted)
}

/**
 * The value with its keys in order, for JSON.stringify, which is several times faster than writing the
 * text here; the value itself when it is in order already. `undefined` when this way does not lead there.
 */
function sortKeys(value: unknown, depthLeft: number): unknown {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (value === null) return value
  if (typeof value !== 'object' || depthLeft === 0) return undefined
  return Array.isArray(value) ? sortList(value, depthLeft - 1) : sortObject(value, depthLeft - 1)
}

function sortList(list: readonly unknown[], depthLeft: number): readonly unknown[] | undefined {
  let out: unknown[] | null = null
  for (let i = 0; i < list.length; i++) {
    const item = list[i]
    if (typeof item === 'string' || typeof item === 'number') continue
    const sorted = sortKeys(item, depthLeft)
    if (sorted === undefined) return undefined
    if (sorted === item) continue
    out ??= list.slice()
    out[i] = sorted
  }
  return out ?? list
}

function sortObject(object: object, depthLeft: number): object | undefined {
  const source = object as Record<string, unknown>
  const keys = Object.keys(source)
  let same = isSorted(keys)
  if (!same) keys.sort()
  const out: Record<string, unknown> = {}
  for (const key of keys) {
    const value = source[key]
    const sorted = sortKeys(value, depthLeft)
    if (sorted === undefined || key === '__proto__') return undefined
    if (sorted !== value) same = false
    out[key] = sorted
  }
  if (same) return object
  // Keys that look like list indexes come first whatever was inserted first.
  return isSorted(Object.keys(out)) ? out : undefined
}

function isSorted(keys: readonly string[]): boolean {
  for (let i = 1; i < keys.length; i++) if ((keys[i - 1] as string) > (keys[i] as string)) return false
  return true
}

function write(value: unknown, depthLeft: number): string | null {
  if (value === undefined) return 'null'
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') return null
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (depthLeft === 0) return null
  return Array.isArray(value) ? writeList(value, depthLeft - 1) : writeObject(value, depthLeft - 1)
}

function writeList(list: readonly unknown[], depthLeft: number): string | null {
  let text = ''
  // By index: a hole counts as undefined.
  for (let i = 0; i < list.length; i++) {
    const item = write(list[i], depthLeft)
    if (item === null) return null
    text += i === 0 ? item : `,${item}`
  }
  return `[${text}]`
}

function writeObject(object: object, depthLeft: number): string | null {
  let text = ''
  for (const key of Object.keys(object).sort()) {
    const item = write((object as Record<string, unknown>)[key], depthLeft)
    if (item === null) return null
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${item}`
  }
  return `{${text}}`
}
