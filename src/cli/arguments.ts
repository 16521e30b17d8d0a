import { IntercomError } from '../base/errors.ts'
import { quoted } from '../base/text.ts'
import { type Argv, seeHelp } from '../config/argv.ts'
import {
  type Subcommand,
  type SubcommandArgs,
  type SubcommandArgument,
  subcommandRow,
  usageOf
} from '../config/subcommands.ts'
import { parseTyped } from '../config/types.ts'
import { readValueFile } from '../config/value-file.ts'

/** The values that the table asks for; files named with an `@` are read. */
export function checkArguments<S extends Subcommand>(subcommand: S, given: Argv['args']): SubcommandArgs<S> {
  const args: Record<string, unknown> = {}
  for (const [key, argument] of Object.entries(subcommandRow(subcommand).args)) {
    const values = (given.get(key) ?? []).map((text) => checkArgument(subcommand, key, argument, text))
    if (argument.required && values.length === 0) throw missing(subcommand, key, argument)
    args[key] = argument.place === 'rest' ? values : values[0]
  }
  return args as SubcommandArgs<S>
}

function checkArgument(
  subcommand: Subcommand,
  key: string,
  { type }: SubcommandArgument,
  text: string
): unknown {
  const next = seeHelp(subcommand)
  const value = parseTyped(type, text, (file) =>
    readValueFile(file, (why) => {
      const message = `Invalid --${key}. ${type.expects} Cannot read ${quoted(`@${file}`)} (${why}).`
      return new IntercomError('bad_arguments', message, { next })
    })
  )
  if (value !== undefined) return value
  const usual = `Invalid --${key}. ${type.expects} Got ${quoted(text)}.`
  throw new IntercomError('bad_arguments', type.refusal ?? usual, { next })
}

function missing(
  subcommand: Subcommand,
  key: string,
  { help, type, place }: SubcommandArgument
): IntercomError {
  const ways = place === 'none' ? `--${key} ${type.hint}` : `${type.hint} or --${key}`
  const message = `"${subcommand}" needs ${ways}. ${help}`
  return new IntercomError('bad_arguments', message, {
    next: `Usage: ${usageOf(subcommand)}. ${seeHelp(subcommand)}`
  })
}
