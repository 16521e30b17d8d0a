import { channel, isObject, type ReadFile, type ValueType, valueType } from './types.ts'

/** Typed with commas, or an array in JSON: there each string is exactly one item. */
export function list<T>(item: ValueType<T>, hint: string, most = 256): ValueType<readonly T[]> {
  const collect = (parts: readonly unknown[], readFile: ReadFile): readonly T[] | undefined => {
    if (parts.length === 0 || parts.length > most) return undefined
    // By what they show, since two items may be the same without being one object.
    const items = new Map<string, T>()
    for (const part of parts) {
      const entry = typeof part === 'string' ? item.parse(part, readFile) : undefined
      if (entry === undefined) return undefined
      items.set(item.show(entry), entry)
    }
    return [...items.values()]
  }
  return valueType(
    {
      hint,
      expects: `Expected up to ${most} items separated by commas. ${item.expects}`,
      file: true,
      parse: (value, readFile) => collect(splitAtCommas(value), readFile),
      show: (value) => value.map((entry) => item.show(entry)).join(',')
    },
    (value, readFile) => (Array.isArray(value) ? collect(value, readFile) : undefined)
  )
}

/**
 * `chan:value` pairs, or an object in JSON: there each key is exactly one name. Typed names may hold a colon:
 * owners split at the last one, welcomes at the first.
 */
export function channelMap<T>(
  item: ValueType<T>,
  split: 'first' | 'last',
  hint: string
): ValueType<Readonly<Record<string, T>>> {
  const collect = (pairs: readonly (readonly [string, unknown])[], readFile: ReadFile) => {
    if (pairs.length === 0) return undefined
    // No prototype: a channel may be called "__proto__".
    const map: Record<string, T> = Object.create(null)
    for (const [key, written] of pairs) {
      const name = channel.parse(key, readFile)
      const value = name === undefined ? undefined : item.fromJson(written, readFile)
      if (name === undefined || value === undefined) return undefined
      map[name] = value
    }
    return map
  }
  return valueType<Readonly<Record<string, T>>>(
    {
      hint,
      expects: `Expected <channel>:<value> pairs separated by commas. ${item.expects}`,
      file: true,
      parse(value, readFile) {
        const parts = split === 'first' ? splitPairs(value) : splitAtCommas(value)
        const pairs = parts.map((part) => {
          const at = split === 'first' ? part.indexOf(':') : part.lastIndexOf(':')
          return [part.slice(0, Math.max(at, 0)), part.slice(at + 1).trim()] as const
        })
        return collect(pairs, readFile)
      },
      show: (value) =>
        Object.entries(value)
          .map(([name, entry]) => `${name}:${item.show(entry)}`)
          .join(',')
    },
    (value, readFile) => (isObject(value) ? collect(Object.entries(value), readFile) : undefined)
  )
}

function splitAtCommas(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part.length > 0)
}

/** Splits `chan:value` pairs at commas, but not at those within a value that is JSON. */
function splitPairs(value: string): string[] {
  const parts: string[] = []
  for (let from = 0; from < value.length; ) {
    const beforeJson = /[^:,]*:\s*(?=\{)/y
    beforeJson.lastIndex = from
    const comma = value.indexOf(',', beforeJson.test(value) ? jsonEnd(value, beforeJson.lastIndex) : from)
    const end = comma === -1 ? value.length : comma
    parts.push(value.slice(from, end).trim())
    from = end + 1
  }
  return parts.filter((part) => part.length > 0)
}

/** Just behind the brace that closes the one at `from`; the end of the text when none does. */
function jsonEnd(value: string, from: number): number {
  let depth = 0
  let inString = false
  for (let i = from; i < value.length; i++) {
    const char = value[i]
    if (inString) {
      if (char === '\\') i++
      else if (char === '"') inString = false
    } else if (char === '"') inString = true
    else if (char === '{') depth++
    else if (char === '}') {
      depth--
      if (depth === 0) return i + 1
    }
  }
  return value.length
}
