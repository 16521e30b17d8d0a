/** How deep lists and objects may nest at every border: `0` is depth 0, `[]` is 1, `[[]]` is 2. */
export const MAX_DEPTH = 64

/**
 * Whether lists and objects nest at most `max` deep. Walks depth first on a stack of its own, so neither a
 * very deep value nor a cyclic one can overflow or hang it.
 */
export function depthWithin(value: unknown, max: number = MAX_DEPTH): boolean {
  if (!isContainer(value)) return true
  const levels: { items: readonly unknown[]; next: number }[] = [{ items: childrenOf(value), next: 0 }]
  while (levels.length > 0) {
    if (levels.length > max) return false
    const level = levels[levels.length - 1] as { items: readonly unknown[]; next: number }
    if (level.next === level.items.length) {
      levels.pop()
      continue
    }
    const item = level.items[level.next++]
    if (isContainer(item)) levels.push({ items: childrenOf(item), next: 0 })
  }
  return true
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * The same for JSON text, before any object is made of it. Says nothing about whether the text is JSON:
 * when it is, and this returned true, the parsed value keeps to `max`.
 */
export function jsonDepthWithin(bytes: Uint8Array, max: number = MAX_DEPTH): boolean {
  let depth = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (byte === QUOTE) i = endOfString(bytes, i + 1)
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > max) return false
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth--
  }
  return true
}

/** Where the closing quote stands, or the end of the text. */
function endOfString(bytes: Uint8Array, start: number): number {
  let i = start
  while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1
  return i
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function childrenOf(value: object): readonly unknown[] {
  return Array.isArray(value) ? value : Object.values(value)
}
