import { IntercomError } from '../../../src/base/errors.ts'
import { parseArgv } from '../../../src/config/argv.ts'
import { FLAG_NAMES, flagSpec } from '../../../src/config/flags.ts'
import { SUBCOMMAND_NAMES, subcommandRow } from '../../../src/config/subcommands.ts'

/** Spans that are no whole command: `--flag`, `--flag value`, `subcommand --flag value`. */
const PIECE = new RegExp(`^(?:(${SUBCOMMAND_NAMES.join('|')}) )?(?:[^-{][^{]* )?--[a-z]`)

export function isPiece(span: string): boolean {
  return PIECE.test(span)
}

/** Why it could not be typed like that; null: it could. */
export function pieceFault(span: string): string | null {
  const subcommand = PIECE.exec(span)?.[1]
  if (subcommand !== undefined) {
    const fault = commandFault(span)
    if (fault !== null) return fault
  }
  for (const [, name = '', value] of span.matchAll(/--([a-z-]+)(?: (?!--)(\S+))?/g)) {
    const types = typesOf(name, subcommand)
    if (types.length === 0) return `--${name} is no flag`
    if (value === undefined || value.includes('<')) continue
    if (types.every((type) => type.parse(value, String) === undefined)) return `--${name} takes no ${value}`
  }
  return null
}

/** With its words in their places. */
function commandFault(span: string): string | null {
  try {
    parseArgv(span.split(' '))
    return null
  } catch (error) {
    if (!(error instanceof IntercomError)) throw error
    // The name of a flag alone stands there without its value.
    return error.code === 'bad_flag' ? null : error.message
  }
}

function typesOf(name: string, subcommand: string | undefined) {
  const key = FLAG_NAMES.get(name)
  const rows = SUBCOMMAND_NAMES.filter((known) => subcommand === undefined || known === subcommand)
  const args = rows.flatMap((known) => subcommandRow(known).args[name] ?? [])
  return [...args, ...(key === undefined ? [] : [flagSpec(key)])].map(({ type }) => type)
}
