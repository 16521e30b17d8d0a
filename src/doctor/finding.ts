import type { Visit } from './visit.ts'

/** `unknown`: it could not be found out, which is never the same as `ok`. */
export type Status = 'ok' | 'warn' | 'fail' | 'unknown'

export interface Finding {
  readonly status: Status
  /** One sentence. */
  readonly says: string
  /** What helps; null where nothing has to be done. */
  readonly remedy: string | null
}

export interface Check {
  readonly name: string
  /** What it looks at, as the end of "looks at …". */
  readonly looksAt: string
  readonly run: (visit: Visit) => Finding | Promise<Finding>
}

export interface NamedFinding extends Finding {
  readonly check: string
}

export function ok(says: string): Finding {
  return { status: 'ok', says, remedy: null }
}

export function warn(says: string, remedy: string): Finding {
  return { status: 'warn', says, remedy }
}

export function fail(says: string, remedy: string): Finding {
  return { status: 'fail', says, remedy }
}

export function unknown(says: string, remedy: string): Finding {
  return { status: 'unknown', says, remedy }
}

const ORDER: readonly Status[] = ['fail', 'unknown', 'warn', 'ok']

/** The gravest status; every sentence that has it, with its remedy. */
export function worst(findings: readonly Finding[], otherwise: Finding): Finding {
  const status = ORDER.find((each) => findings.some((finding) => finding.status === each))
  if (status === undefined) return otherwise
  const those = findings.filter((finding) => finding.status === status)
  const remedies = new Set(those.flatMap(({ remedy }) => remedy ?? []))
  return {
    status,
    says: those.map(({ says }) => says).join(' '),
    remedy: remedies.size === 0 ? null : [...remedies].join(' ')
  }
}
