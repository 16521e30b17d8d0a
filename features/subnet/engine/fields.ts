import * as v from 'valibot'
import { isHex32 } from '../../../src/base/hex.ts'

/**
 * What the fields of operations accept: the same as the validator of deployed peers (spec/subnet 2.1), so
 * strings count UTF-16 units, numbers are never converted, and fields nobody names are let through.
 */

// Any length, also none: longer or shorter than a key is refused where it is used as one.
const HEX = /^(?:[0-9a-f]{2})*$/

export const hex = v.pipe(v.string(), v.regex(HEX))
export const key = v.pipe(
  v.string(),
  v.check((text: string) => isHex32(text))
)
export const name = text(1, 256)
export const natural = v.pipe(v.number(), v.integer(), v.minValue(0))
export const switchState = v.picklist(['on', 'off'])

export function text(least: number, most: number) {
  return v.pipe(v.string(), v.minLength(least), v.maxLength(most))
}

/** Unlike in valibot's own, a list is not an object. */
export function object<T extends v.ObjectEntries>(entries: T) {
  return v.pipe(v.custom<object>(isObject), v.object(entries))
}

export function strictObject<T extends v.ObjectEntries>(entries: T) {
  return v.pipe(v.custom<object>(isObject), v.strictObject(entries))
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Present, be it null. */
export const anything = v.custom<unknown>((value) => value !== undefined)
