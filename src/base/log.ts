import { printable } from './text.ts'

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]
/** What every line has; a field of such a name would be read in its place. */
type Fixed = 'time' | 'level' | 'area' | 'message'
export type LogFields = Readonly<Record<string, string | number | boolean | null>> & {
  readonly [K in Fixed]?: never
}

export interface Log {
  error(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  /** The same log with another area in front of its lines. */
  area(name: string): Log
  /** From now on this text is masked wherever it would appear in a line. */
  secret(text: string): void
}

export interface LogOptions {
  level: LogLevel
  json: boolean
  write: (line: string) => void
  now: () => number
}

// Shorter texts would mask parts of ordinary words.
const SHORTEST_SECRET = 6

export function createLog(options: LogOptions): Log {
  let secrets: readonly string[] = []
  const most = LOG_LEVELS.indexOf(options.level)
  const format = options.json ? jsonLine : textLine

  const mask = (text: string): string => {
    let out = text
    for (const secret of secrets) out = out.replaceAll(secret, '***')
    return out
  }
  const maskAll = (fields: LogFields): LogFields =>
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, typeof value === 'string' ? mask(value) : value])
    ) as LogFields

  const create = (area: string): Log => {
    const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
      if (LOG_LEVELS.indexOf(level) > most) return
      // Masked before it is formatted: a secret that looks like a part of the format must not break it.
      options.write(format(options.now(), level, area, mask(message), maskAll(fields ?? {})))
    }
    return {
      error: at('error'),
      warn: at('warn'),
      info: at('info'),
      debug: at('debug'),
      area: create,
      secret(text) {
        if (text.length < SHORTEST_SECRET) return
        // Also as it looks once it has been through the JSON encoder or the escaper.
        const forms = [text, JSON.stringify(text).slice(1, -1), printable(text)]
        // The longest first: a secret within another must not leave the rest of that to be read.
        secrets = [...new Set([...secrets, ...forms])].sort((a, b) => b.length - a.length)
      }
    }
  }
  return create('node')
}

function jsonLine(now: number, level: LogLevel, area: string, message: string, fields: LogFields): string {
  const fixed: Record<Fixed, string> = { time: new Date(now).toISOString(), level, area, message }
  // What the encoder leaves as it is can still act on a terminal.
  return printable(JSON.stringify({ ...fixed, ...fields, ...fixed }))
}

function textLine(now: number, level: LogLevel, area: string, message: string, fields: LogFields): string {
  let line = `${new Date(now).toISOString().slice(11, 19)} ${level.padEnd(5)} ${area}: ${printable(message)}`
  for (const [key, value] of Object.entries(fields)) line += ` ${key}=${printable(String(value))}`
  return line
}
