import { safeJsonStringify } from '../../../src/app/json.ts'
import { IntercomError, messageOf } from '../../../src/base/errors.ts'
import { printable } from '../../../src/base/text.ts'

const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const
const MOST_LINES = 1000
/** While one waits, so do all others, and nobody else has a console. */
const TIME_LIMIT_MS = 10_000

// The object itself: where contracts run, another one stands in its place for a moment.
const target = globalThis.console

let last: Promise<unknown> = Promise.resolve()

export interface Captured {
  readonly value: unknown
  /** What was printed meanwhile; cleaned. */
  readonly lines: readonly string[]
}

/** Runs code of an app that may print: its lines come back instead. One at a time, since there is one console. */
export function captured(run: () => unknown, timeLimitMs: number = TIME_LIMIT_MS): Promise<Captured> {
  const result = last.then(() => capture(run, timeLimitMs))
  // Whoever asked is told of a failure; the next one only waits for the end.
  last = result.catch(() => {})
  return result
}

async function capture(run: () => unknown, timeLimitMs: number): Promise<Captured> {
  const lines: string[] = []
  const write = (...words: unknown[]) => {
    if (lines.length < MOST_LINES) lines.push(...linesOf(words.map(shown).join(' ')))
  }
  const before = METHODS.map((method) => [method, target[method]] as const)
  for (const method of METHODS) target[method] = write
  try {
    return { value: await inTime(run, timeLimitMs), lines }
  } finally {
    for (const [method, own] of before) target[method] = own
  }
}

async function inTime(run: () => unknown, timeLimitMs: number): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | null = null
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLate(timeLimitMs)), timeLimitMs)
  })
  try {
    return await Promise.race([run(), late])
  } finally {
    if (timer !== null) clearTimeout(timer)
  }
}

function tooLate(timeLimitMs: number): IntercomError {
  return new IntercomError('command_failed', `The app has not answered within ${timeLimitMs / 1000} s.`, {
    next: 'Tell whoever wrote the app. What it has begun may still go on.'
  })
}

/** A text as lines for people. */
export function linesOf(text: string): string[] {
  return text.split(/\r?\n/).map(printable)
}

/** A text as it is, everything else as JSON. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Error) return messageOf(value)
  return safeJsonStringify(value) ?? String(value)
}
