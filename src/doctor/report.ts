import { printable } from '../base/text.ts'
import type { NamedFinding, Status } from './finding.ts'

const STATUSES: readonly Status[] = ['ok', 'warn', 'fail', 'unknown']

/** For people: a line for each finding, with its remedy below it. */
export function reportLines(folder: string, findings: readonly NamedFinding[]): string[] {
  const wide = (of: (finding: NamedFinding) => string) => Math.max(...findings.map((each) => of(each).length))
  const width = { status: wide(({ status }) => status), check: wide(({ check }) => check) }
  const indent = ' '.repeat(width.status + width.check + 4)
  return [
    `Store: ${printable(folder)}`,
    ...findings.flatMap(({ check, status, says, remedy }) => [
      `${status.padEnd(width.status)}  ${check.padEnd(width.check)}  ${printable(says)}`,
      ...(remedy === null ? [] : [`${indent}-> ${printable(remedy)}`])
    ]),
    `${STATUSES.flatMap((status) => counted(findings, status)).join(', ')}.`
  ]
}

/** For programs. */
export function reportObject(folder: string, findings: readonly NamedFinding[]): object {
  return { type: 'doctor', store: folder, status: overall(findings), findings }
}

/** What is not known fails nothing. */
export function overall(findings: readonly NamedFinding[]): 'ok' | 'warn' | 'fail' {
  if (findings.some(({ status }) => status === 'fail')) return 'fail'
  return findings.some(({ status }) => status === 'warn') ? 'warn' : 'ok'
}

function counted(findings: readonly NamedFinding[], status: Status): string[] {
  const count = findings.filter((finding) => finding.status === status).length
  return count === 0 ? [] : [`${count} ${status}`]
}
