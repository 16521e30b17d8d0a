import b4a from 'b4a'

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
    .map((group) => group.split(/[+,\s]+/).filter((word) => word !== ''))
    .filter((group) => group.length > 0)
  if (groups.length === 0) return null
  return (message) => {
    const text = (typeof message === 'string' ? message : JSON.stringify(message)).toLowerCase()
    return groups.some((group) => group.every((word) => text.includes(word)))
  }
}

/** What an event says, for a filter that was set after it was made. */
export function messageIn(frame: Uint8Array): unknown {
  const length = (frame[1] ?? 0) & 0x7f
  const header = length === 126 ? 4 : length === 127 ? 10 : 2
  return (JSON.parse(b4a.toString(frame.subarray(header))) as { message: unknown }).message
}
