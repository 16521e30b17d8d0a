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
