import { channelName } from '../base/channel-name.ts'
import { type Hex32, isHex32 } from '../base/hex.ts'

/** How the value of a flag is written, checked and shown. Commands use the same types for their arguments. */
export interface ValueType<T> {
  /** Stands for the value in the help: `<n>`, `0|1`. */
  readonly hint: string
  /** What is accepted, as a sentence that ends an error. */
  readonly expects: string
  /** The whole sentence, where the usual one of name, `expects` and text is not to be given. */
  readonly refusal?: string
  /** `@path` stands for the content of that file. */
  readonly file: boolean
  /** `undefined` when the text is not such a value. */
  parse(text: string, readFile: ReadFile): T | undefined
  /** The same for a value of config.json; a string there is what would be typed, `@path` included. */
  fromJson(value: unknown, readFile: ReadFile): T | undefined
  show(value: T): string
}

/** Reads the file named behind an `@`; throws when it cannot be read. */
export type ReadFile = (path: string) => string

type Typed<T> = Omit<ValueType<T>, 'fromJson'>

/** Completes a type by what JSON may hold for it other than a string. */
export function valueType<T>(
  typed: Typed<T>,
  fromOther: ValueType<T>['fromJson'] = () => undefined
): ValueType<T> {
  return {
    ...typed,
    fromJson: (value, readFile) =>
      typeof value === 'string' ? parseTyped(typed, value, readFile) : fromOther(value, readFile)
  }
}

/** What was typed as a value, or the file it names. */
export function parseTyped<T>(type: Typed<T>, written: string, readFile: ReadFile): T | undefined {
  const named = type.file && written.startsWith('@')
  return type.parse(named ? readFile(written.slice(1)) : written, readFile)
}

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

export const bool = valueType<boolean>(
  {
    hint: '0|1',
    expects: 'Expected 0, 1, true, false, yes, no, on or off.',
    file: false,
    parse: (text) => (isBooleanWord(text) ? WORDS[text.toLowerCase()] : undefined),
    show: (value) => (value ? '1' : '0')
  },
  (value) => {
    if (typeof value === 'boolean') return value
    return value === 0 || value === 1 ? value === 1 : undefined
  }
)

export function int(min: number, max: number, hint = '<n>'): ValueType<number> {
  const typed: Typed<number> = {
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
  return valueType(typed, (value, readFile) =>
    typeof value === 'number' ? typed.parse(String(value), readFile) : undefined
  )
}

export const port = int(0, 65535, '<port>')
export const listedPort = int(1, 65535, '<port>')

export function text(hint: string, options: { file?: boolean; most?: number } = {}): ValueType<string> {
  const most = options.most ?? 4096
  return valueType({
    hint,
    expects: `Expected text of 1-${most} characters.`,
    file: options.file ?? false,
    parse: (value) => (value.length > 0 && value.length <= most && !value.includes('\0') ? value : undefined),
    show: (value) => value
  })
}

/** An object that is kept as its JSON text: config.json may hold the object itself. */
export function jsonText(hint: string, most: number): ValueType<string> {
  const typed = text(hint, { file: true, most })
  const expects = `Expected a JSON object of 1-${most} characters.`
  return valueType({ ...typed, expects }, (value, readFile) =>
    isObject(value) ? typed.parse(JSON.stringify(value), readFile) : undefined
  )
}

export function choice<const T extends readonly string[]>(options: T): ValueType<T[number]> {
  return valueType<T[number]>({
    hint: options.join('|'),
    expects: `Expected one of ${options.join(', ')}.`,
    file: false,
    parse: (value) => options.find((option) => option === value.toLowerCase()),
    show: (value) => value
  })
}

/** A folder of its own below the stores directory, so nothing that could lead out of it. */
export const label = valueType<string>({
  hint: '<name>',
  expects: 'Expected a name of 1-64 letters, digits, ".", "_" or "-" that begins with a letter or digit.',
  file: false,
  parse: (value) => (/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value) ? value : undefined),
  show: (value) => value
})

export const hexKey = valueType<Hex32>({
  hint: '<hex>',
  expects: 'Provide 32-byte hex (64 chars).',
  file: true,
  parse(value) {
    const lower = value.trim().toLowerCase()
    return isHex32(lower) ? lower : undefined
  },
  show: (value) => value
})

export interface HostPort {
  readonly host: string
  readonly port: number
}

/** `host:port`; the host may carry the address it is known to have, as in `10.0.0.1@name.org:49737`. */
export const hostPort = valueType<HostPort>({
  hint: '<host:port>',
  expects: 'Expected <host>:<port>, such as 127.0.0.1:49737.',
  file: false,
  parse(value) {
    const match = /^([A-Za-z0-9.@_-]{1,253}):(\d{1,5})$/.exec(value)
    const number = listedPort.parse(match?.[2] ?? '', noFiles)
    return match?.[1] && number !== undefined ? { host: match[1], port: number } : undefined
  },
  show: (value) => `${value.host}:${value.port}`
})

/** The name of a sidechannel, in a list: there a comma cannot stand in it. */
export const channel = valueType<string>({
  hint: '<channel>',
  expects: 'Expected a channel name of 1-128 bytes without commas and control characters.',
  file: false,
  parse(value) {
    const name = channelName(value)
    return name === null || name.includes(',') ? undefined : name
  },
  show: (value) => value
})

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function noFiles(): never {
  throw new Error('files are not read here')
}
