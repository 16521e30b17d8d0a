import b4a from 'b4a'
import { IntercomError } from '../../src/base/errors.ts'
import { FILTER_LIMITS } from '../../src/bridge/limits.ts'

/** Whether a client wants a message, by its words. */
export type Filter = (message: unknown) => boolean

/**
 * `a+b|c` is (a and b) or c; blanks and commas are like `+`. Words are looked for anywhere in the text,
 * whatever their case. Null when there is no word in it: then everything passes.
 */
export function parseFilter(expression: string): Filter | null {
  const groups = expression
    .toLowerCase()
    .split('|')
    .map((group) => [...new Set(group.split(/[+,\s]+/).filter((word) => word !== ''))])
    .filter((group) => group.length > 0)
  const count = groups.reduce((total, { length }) => total + length, 0)
  if (count > FILTER_LIMITS.words) throw badFilter(`at most ${FILTER_LIMITS.words} words`)
  if (groups.some((group) => group.some(({ length }) => length > FILTER_LIMITS.characters)))
    throw badFilter(`at most ${FILTER_LIMITS.characters} characters a word`)
  if (count === 0) return null
  return (message) => {
    const text = typeof message === 'string' ? message : JSON.stringify(message)
    if (text.length * count > FILTER_LIMITS.work) return true
    const lower = text.toLowerCase()
    return groups.some((group) => group.every((word) => lower.includes(word)))
  }
}

function badFilter(why: string): IntercomError {
  return new IntercomError('bad_arguments', `Invalid filter (${why}).`, {
    next: 'Use fewer or shorter words.'
  })
}

/** What an event says, for a filter that was set after it was made. */
export function messageIn(frame: Uint8Array): unknown {
  const length = (frame[1] ?? 0) & 0x7f
  const header = length === 126 ? 4 : length === 127 ? 10 : 2
  return (JSON.parse(b4a.toString(frame.subarray(header))) as { message: unknown }).message
}
