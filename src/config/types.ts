import b4a from 'b4a'
import { type Hex32, isHex32 } from '../base/hex.ts'

/** How the value of a flag is written, checked and shown. Commands use the same types for their arguments. */
export interface ValueType<T> {
  /** Stands for the value in the help: `<n>`, `0|1`. */
  readonly hint: string
  /** What is accepted, as a sentence that ends an error. */
  readonly expects: string
  /** `@path` stands for the content of that file. */
  readonly file: boolean
  /** `undefined` when the text is not such a value. */
  parse(text: string, readFile: ReadFile): T | undefined
  show(value: T): string
}

/** Reads the file named behind an `@`; throws when it cannot be read. */
export type ReadFile = (path: string) => string

const WORDS: Readonly<Record<string, boolean>> = {
  '0': false,
  '1': true,
  false: false,
  true: true,
  no: false,
  yes: true,
  off: false,
  on: true
}

export function isBooleanWord(text: string): boolean {
  return Object.hasOwn(WORDS, text.toLowerCase())
}

export const bool: ValueType<boolean> = {
  hint: '0|1',
  expects: 'Expected 0, 1, true, false, yes, no, on or off.',
  file: false,
  parse: (text) => (isBooleanWord(text) ? WORDS[text.toLowerCase()] : undefined),
  show: (value) => (value ? '1' : '0')
}

export function int(min: number, max: number, hint = '<n>'): ValueType<number> {
  return {
    hint,
    expects: `Expected integer ${min}-${max}.`,
    file: false,
    parse(text) {
      if (!/^\d{1,15}$/.test(text)) return undefined
      const value = Number(text)
      return value >= min && value <= max ? value : undefined
    },
    show: String
  }
}

export const port = int(0, 65535, '<port>')
export const listedPort = int(1, 65535, '<port>')

export function text(hint: string, options: { file?: boolean; most?: number } = {}): ValueType<string> {
  const most = options.most ?? 4096
  return {
    hint,
    expects: `Expected text of 1-${most} characters.`,
    file: options.file ?? false,
    parse: (value) => (value.length > 0 && value.length <= most && !value.includes('\0') ? value : undefined),
    show: (value) => value
  }
}

export function choice<const T extends readonly string[]>(options: T): ValueType<T[number]> {
  return {
    hint: options.join('|'),
    expects: `Expected one of ${options.join(', ')}.`,
    file: false,
    parse: (value) => options.find((option) => option === value.toLowerCase()),
    show: (value) => value
  }
}

/** A folder of its own below the stores directory, so nothing that could lead out of it. */
export const label: ValueType<string> = {
  hint: '<name>',
  expects: 'Expected a name of 1-64 letters, digits, ".", "_" or "-" that begins with a letter or digit.',
  file: false,
  parse: (value) => (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value) ? value : undefined),
  show: (value) => value
}

export const hexKey: ValueType<Hex32> = {
  hint: '<hex>',
  expects: 'Provide 32-byte hex (64 chars).',
  file: true,
  parse(value) {
    const lower = value.trim().toLowerCase()
    return isHex32(lower) ? lower : undefined
  },
  show: (value) => value
}

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** `host:port`; the host may carry the address it is known to have, as in `10.0.0.1@name.org:49737`. */
export const hostPort: ValueType<HostPort> = {
  hint: '<host:port>',
  expects: 'Expected <host>:<port>, such as 127.0.0.1:49737.',
  file: false,
  parse(value) {
    const match = /^([A-Za-z0-9.@_-]{1,253}):(\d{1,5})$/.exec(value)
    const number = listedPort.parse(match?.[2] ?? '', noFiles)
    return match?.[1] && number !== undefined ? { host: match[1], port: number } : undefined
  },
  show: (value) => `${value.host}:${value.port}`
}

/** The rules for the name of a sidechannel: trimmed, 1-128 bytes, nothing invisible, no comma in a flag. */
export const channel: ValueType<string> = {
  hint: '<channel>',
  expects: 'Expected a channel name of 1-128 bytes without commas and control characters.',
  file: false,
  parse(value) {
    const name = value.trim()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
    const clean = !/[\u0000-\u001f\u007f-\u009f,]/.test(name) && name.isWellFormed()
    return clean && name.length > 0 && b4a.byteLength(name) <= 128 ? name : undefined
  },
  show: (value) => value
}

export function list<T>(item: ValueType<T>, hint: string, most = 256): ValueType<readonly T[]> {
  return {
    hint,
    expects: `Expected up to ${most} items separated by commas. ${item.expects}`,
    file: true,
    parse(value, readFile) {
      const parts = splitAtCommas(value)
      const items = parts.map((part) => item.parse(part, readFile))
      if (items.length === 0 || items.length > most) return undefined
      return items.every((entry) => entry !== undefined) ? [...new Set(items as T[])] : undefined
    },
    show: (value) => value.map((entry) => item.show(entry)).join(',')
  }
}

/** `chan:value` pairs. Names may hold a colon: owners split at the last one, welcomes at the first. */
export function channelMap<T>(
  item: ValueType<T>,
  split: 'first' | 'last',
  hint: string
): ValueType<Readonly<Record<string, T>>> {
  return {
    hint,
    expects: `Expected <channel>:<value> pairs separated by commas. ${item.expects}`,
    file: true,
    parse(value, readFile) {
      const parts = split === 'first' ? splitPairs(value) : splitAtCommas(value)
      if (parts.length === 0) return undefined
      // No prototype: a channel may be called "__proto__".
      const map: Record<string, T> = Object.create(null)
      for (const part of parts) {
        const at = split === 'first' ? part.indexOf(':') : part.lastIndexOf(':')
        const name = at === -1 ? undefined : channel.parse(part.slice(0, at), readFile)
        const raw = part.slice(at + 1).trim()
        const parsed = item.parse(item.file && raw.startsWith('@') ? readFile(raw.slice(1)) : raw, readFile)
        if (name === undefined || parsed === undefined) return undefined
        map[name] = parsed
      }
      return map
    },
    show: (value) =>
      Object.entries(value)
        .map(([name, entry]) => `${name}:${item.show(entry)}`)
        .join(',')
  }
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

function noFiles(): never {
  throw new Error('files are not read here')
}
