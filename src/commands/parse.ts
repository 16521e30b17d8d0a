import { IntercomError } from '../base/errors.ts'
import { nearest, printable, quoted } from '../base/text.ts'
import { bool, isBooleanWord, parseTyped } from '../config/types.ts'
import { readValueFile } from '../config/value-file.ts'
import type { Argument } from './row.ts'
import { COMMAND_NAMES, type CommandName, commandRow, isCommandName } from './table.ts'

export interface ParsedCommand {
  readonly name: CommandName
  readonly args: Readonly<Record<string, unknown>>
}

interface Word {
  readonly text: string
  /** Quoted text is a value even if it begins with `--`. */
  readonly quoted: boolean
}

/**
 * A line such as `/get_keys --yes 1` as a command of the table with checked arguments. `others` may be meant by a
 * name that is in no table.
 */
export function parseCommand(line: string, others: readonly string[] = []): ParsedCommand {
  const [first, ...rest] = splitWords(line.trim())
  if (first === undefined || !first.text.startsWith('/')) {
    throw new IntercomError('unknown_command', `Commands begin with "/". Got ${quoted(line.trim())}.`)
  }
  const name = first.text.slice(1)
  if (!isCommandName(name)) {
    const near = nearest(name, [...COMMAND_NAMES, ...others]).map((command) => `/${command}`)
    const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''
    throw new IntercomError('unknown_command', `Unknown command ${quoted(`/${name}`).slice(1, -1)}.${hint}`)
  }
  return { name, args: parseArguments(name, rest) }
}

function parseArguments(name: CommandName, words: readonly Word[]): Readonly<Record<string, unknown>> {
  const table = commandRow(name).args
  const given = new Map<string, string>()
  const loose: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as Word
    if (word.quoted || !word.text.startsWith('--')) {
      loose.push(word.text)
      continue
    }
    const equals = word.text.indexOf('=')
    const key = equals === -1 ? word.text.slice(2) : word.text.slice(2, equals)
    const argument = Object.hasOwn(table, key) ? table[key] : undefined
    if (argument === undefined) throw unknownArgument(name, key)
    const next = words[i + 1]
    if (equals !== -1) given.set(key, word.text.slice(equals + 1))
    else if ((argument.type as unknown) === bool && !(next && isBooleanWord(next.text))) given.set(key, '1')
    else if (next !== undefined && (next.quoted || !next.text.startsWith('--'))) {
      given.set(key, next.text)
      i++
    } else
      throw new IntercomError('bad_arguments', `--${key} of /${name} needs a value. ${argument.type.expects}`)
  }
  placeLoose(name, loose, given)
  const args: Record<string, unknown> = {}
  for (const [key, argument] of Object.entries(table)) {
    const value = given.get(key)
    if (value !== undefined) args[key] = parseArgument(name, key, argument, value)
    else if (argument.required) throw missingArgument(name, key, argument)
  }
  return args
}

/** Arguments that a program gives as JSON, checked as if they were typed. No file is read for them. */
export function checkArguments(
  name: CommandName,
  given: Readonly<Record<string, unknown>>
): Readonly<Record<string, unknown>> {
  const table = commandRow(name).args
  for (const key of Object.keys(given)) if (!Object.hasOwn(table, key)) throw unknownArgument(name, key)
  const args: Record<string, unknown> = {}
  for (const [key, argument] of Object.entries(table)) {
    const written = given[key]
    if (written !== undefined) {
      const value = argument.type.fromJson(written, () => {
        throw new IntercomError('bad_arguments', `--${key} of /${name} is not read from a file here.`)
      })
      if (value === undefined) throw badArgument(name, key, argument, textOf(written))
      args[key] = value
    } else if (argument.required) throw missingArgument(name, key, argument)
  }
  return args
}

function placeLoose(name: CommandName, loose: readonly string[], given: Map<string, string>): void {
  const places = Object.entries(commandRow(name).args).filter(
    ([key, argument]) => argument.positional && !given.has(key)
  )
  for (const [index, text] of loose.entries()) {
    const place = places[index]
    if (place === undefined) {
      throw new IntercomError(
        'bad_arguments',
        `/${name} does not take ${quoted(text)}. Usage: ${usage(name)}.`
      )
    }
    given.set(place[0], text)
  }
}

/** The value of one argument, or of the file it names. */
export function parseArgument(name: CommandName, key: string, argument: Argument, text: string): unknown {
  const value = parseTyped(argument.type, text, (file) =>
    readValueFile(file, (why) => {
      const message = `--${key} of /${name}: cannot read ${quoted(`@${file}`)} (${why}).`
      return new IntercomError('bad_arguments', message)
    })
  )
  if (value === undefined) throw badArgument(name, key, argument, text)
  return value
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : String(JSON.stringify(value))
}

function badArgument(name: CommandName, key: string, { type }: Argument, text: string): IntercomError {
  const usual = `Invalid --${key} of /${name}. ${type.expects} Got ${quoted(text)}.`
  return new IntercomError('bad_arguments', type.refusal ?? usual)
}

function missingArgument(name: CommandName, key: string, { help, missing }: Argument): IntercomError {
  return new IntercomError('bad_arguments', missing ?? `/${name} needs --${key}. ${help}`)
}

function unknownArgument(name: CommandName, key: string): IntercomError {
  const near = nearest(key, Object.keys(commandRow(name).args)).map((known) => `--${known}`)
  const hint = near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ` Usage: ${usage(name)}.`
  return new IntercomError('bad_arguments', `/${name} has no ${quoted(`--${key}`).slice(1, -1)}.${hint}`)
}

/** `/help [<command>]` */
export function usage(name: CommandName): string {
  const parts = Object.entries(commandRow(name).args).map(([key, { type, required, positional }]) => {
    const isSwitch = (type as unknown) === bool && !required
    const part = positional ? type.hint : isSwitch ? `--${key}` : `--${key} ${type.hint}`
    return required ? part : `[${part}]`
  })
  return [`/${name}`, ...parts].join(' ')
}

/**
 * Words are split at blanks; `"…"` with the backslash escapes `\"`, `\\` and `\u200b`, so that what we print can be
 * typed, `'…'` without; `--key="a b"` is one word.
 */
export function splitWords(line: string): Word[] {
  const words: Word[] = []
  let text = ''
  let started = false
  let wasQuoted = false
  for (let i = 0; i < line.length; i++) {
    const char = line[i] as string
    if (/\s/.test(char)) {
      if (started) words.push({ text, quoted: wasQuoted })
      text = ''
      started = wasQuoted = false
    } else if (char === '"' || char === "'") {
      const end = closingQuote(line, i)
      if (end === -1)
        throw new IntercomError(
          'bad_arguments',
          `A quote is not closed: ${quoted(line.slice(i)).slice(1, -1)}`
        )
      if (!started) wasQuoted = true
      started = true
      const inside = line.slice(i + 1, end)
      text += char === '"' ? unescaped(inside) : inside
      i = end
    } else {
      started = true
      const escaped = char === '\\' && i + 1 < line.length
      text += escaped ? line[++i] : char
    }
  }
  if (started) words.push({ text, quoted: wasQuoted })
  return words
}

function unescaped(text: string): string {
  return text.replace(/\\(?:(["\\])|u([0-9a-f]{4}))/g, (_, char?: string, code?: string) =>
    code === undefined ? (char ?? '') : String.fromCharCode(Number.parseInt(code, 16))
  )
}

/** A text as one word of a command. */
export function commandWord(text: string): string {
  const plain = /^[\w.:/@+=-]+$/.test(text) && !text.startsWith('--')
  return plain ? text : `"${printable(text.replace(/["\\]/g, '\\$&'))}"`
}

function closingQuote(line: string, open: number): number {
  const quote = line[open]
  for (let i = open + 1; i < line.length; i++) {
    if (quote === '"' && line[i] === '\\') i++
    else if (line[i] === quote) return i
  }
  return -1
}
