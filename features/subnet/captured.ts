import { safeJsonStringify } from '../../src/app/json.ts'
import { messageOf } from '../../src/base/errors.ts'
import { printable } from '../../src/base/text.ts'

const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const
const MOST_LINES = 1000

// The object itself: where contracts run, another one stands in its place for a moment.
const target = globalThis.console

let last: Promise<unknown> = Promise.resolve()

export interface Captured {
  readonly value: unknown
  /** What was printed meanwhile; cleaned. */
  readonly lines: readonly string[]
}

/** Runs code of an app that may print: its lines come back instead. One at a time, since there is one console. */
export function captured(run: () => unknown): Promise<Captured> {
  const result = last.then(() => capture(run))
  last = result.catch(() => {})
  return result
}

async function capture(run: () => unknown): Promise<Captured> {
  const lines: string[] = []
  const write = (...words: unknown[]) => {
    if (lines.length < MOST_LINES) lines.push(...linesOf(words.map(shown).join(' ')))
  }
  const before = METHODS.map((method) => [method, target[method]] as const)
  for (const method of METHODS) target[method] = write
  try {
    return { value: await run(), lines }
  } finally {
    for (const [method, own] of before) target[method] = own
  }
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
