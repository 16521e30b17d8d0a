import { IntercomError, toIntercomError } from '../base/errors.ts'
import { printable, quoted } from '../base/text.ts'
import type { Decision, Role } from '../config/decisions.ts'
import { readValueFile } from '../config/value-file.ts'
import { cannotRead } from './given.ts'
import type { InputLines } from './input-lines.ts'

/** Stands for no value, where one need not be. */
const NONE = '-'

export interface QuestionIo {
  readonly lines: Pick<InputLines, 'next'>
  readonly write: (text: string) => void
  /** What is typed is not seen by itself. */
  readonly piped: boolean
}

/** Asks until the answer is one; an empty line takes what stands in brackets. */
export async function askDecision(
  { lines, write, piped }: QuestionIo,
  decision: Decision,
  role: Role,
  stands: unknown
): Promise<unknown> {
  for (;;) {
    write(questionText(decision, role, stands))
    const line = await lines.next()
    if (line === null || piped) write('\n')
    if (line === null)
      throw new IntercomError(
        'not_answered',
        'The input ended before the last question; nothing was written.'
      )
    const answer = readAnswer(decision, role, stands, line.trim())
    if ('value' in answer) return answer.value
    write(`  ${answer.fault}\n`)
  }
}

/** On one line: the question, what an answer looks like, and what an empty line takes. */
export function questionText(decision: Decision, role: Role, stands: unknown): string {
  const { type, question } = decision
  return `${question} ${type.hint} [${bracketed(decision, role, stands)}]: `
}

function bracketed(decision: Decision, role: Role, stands: unknown): string {
  const { type } = decision
  if (stands === null) return decision.needed.includes(role) ? 'needed' : 'none'
  return `${printable(type.show(stands))}${isOptional(decision, role) ? `; ${NONE} for none` : ''}`
}

function isOptional({ usual, needed }: Decision, role: Role): boolean {
  return usual === null && !needed.includes(role)
}

export function readAnswer(
  decision: Decision,
  role: Role,
  stands: unknown,
  answer: string
): { readonly value: unknown } | { readonly fault: string } {
  const { type } = decision
  const isNeeded = decision.needed.includes(role)
  if (answer === '' && (stands !== null || !isNeeded)) return { value: stands }
  if (answer === NONE && isOptional(decision, role)) return { value: null }
  try {
    const value = type.fromJson(answer, (file) => readValueFile(file, (why) => cannotRead(file, why)))
    if (value !== undefined) return { value }
  } catch (error) {
    return { fault: toIntercomError(error).message }
  }
  return { fault: `${type.expects}${answer === '' ? '' : ` Got ${quoted(answer)}.`}` }
}
