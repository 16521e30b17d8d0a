import { type Hex32, hex32 } from '../base/hex.ts'
import { hexKey, int, type ValueType, valueType } from '../config/types.ts'
import { decodeAddress } from '../identity/address.ts'
import { optional } from './row.ts'

/** What only commands take. */

const MOST_COUNT = 999_999_999_999_999

/** Somebody: a public key, or the address that is made of it. */
export const person = valueType<Hex32>({
  hint: '<address>',
  expects: 'Expected a public key (64 hex chars) or a trac1… address.',
  file: false,
  parse: parsePerson,
  show: (value) => value
})

/** The same, or `null` for nobody. */
export const personOrNobody = valueType<Hex32 | null>(
  {
    hint: '<address|null>',
    expects: 'Expected a public key (64 hex chars), a trac1… address, or null.',
    file: false,
    parse: (text) => (text.trim().toLowerCase() === 'null' ? null : parsePerson(text)),
    show: (value) => value ?? 'null'
  },
  (value) => (value === null ? null : undefined)
)

export const writerKey: ValueType<Hex32> = {
  ...hexKey,
  refusal: 'Invalid --key. Expected 32-byte hex (64 chars).'
}

/** A file in the current folder of the node: whoever may run commands from afar is to reach no other. */
const fileName = valueType<string>({
  hint: '<name.sh>',
  expects: 'Expected a name that ends in .sh, without a folder: letters, digits, dots, dashes, underscores.',
  file: false,
  parse: (text) => (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,96}\.sh$/.test(text) ? text : undefined),
  show: (value) => value
})

export const script = optional(
  fileName,
  'Also write the command line for the other peer into this file, as a shell script; it must not be there yet.'
)

/** The place of something that is counted from 0. */
export const place = int(0, MOST_COUNT)

/** As deployed peers read it: whatever is neither `true` nor `1` is false. */
export const trueOrElse = valueType<boolean>(
  {
    hint: 'true|false',
    expects: 'Expected true or false.',
    file: false,
    parse: (text) => text.toLowerCase() === 'true' || text === '1',
    show: String
  },
  (value) => (typeof value === 'boolean' ? value : undefined)
)

/** Any text, also none: the command itself says what is wrong with it. */
export function anyText(hint: string, most: number): ValueType<string> {
  return valueType<string>({
    hint,
    expects: `Expected text of at most ${most} characters.`,
    file: false,
    parse: (value) => (value.length <= most ? value : undefined),
    show: (value) => value
  })
}

function parsePerson(text: string): Hex32 | undefined {
  const word = text.trim()
  const key = hexKey.parse(word, noFiles)
  if (key !== undefined) return key
  const decoded = decodeAddress(word)
  return decoded === null ? undefined : hex32(decoded)
}

function noFiles(): never {
  throw new Error('files are not read here')
}
