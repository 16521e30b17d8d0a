import { IntercomError, toIntercomError } from '../base/errors.ts'
import { printable, quoted } from '../base/text.ts'
import type { Decision, Role } from '../config/decisions.ts'
import { wrap } from '../config/help.ts'
import { bool } from '../config/types.ts'
import { readValueFile } from '../config/value-file.ts'
import { cannotRead } from './given.ts'
import type { InputLines } from './input-lines.ts'

/** Of a terminal as it usually is: words are kept whole in it. */
export const TERMINAL_WIDTH = 79

const SHORT: ReadonlyMap<string, string> = new Map([
  ['y', 'yes'],
  ['n', 'no']
])

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
    write(`${wrap(answer.fault, 2, TERMINAL_WIDTH).join('\n')}\n`)
  }
}

/** The question; then, on a line of its own, what an answer looks like, and what an empty line takes. */
export function questionText(decision: Decision, role: Role, stands: unknown): string {
  const { type, question } = decision
  const hint = isYesNo(decision) ? 'yes|no' : type.hint
  const lines = wrap(question, 0, TERMINAL_WIDTH)
  return `${lines.join('\n')}\n  ${hint} [${bracketed(decision, role, stands)}]: `
}

function bracketed(decision: Decision, role: Role, stands: unknown): string {
  const { type } = decision
  if (stands === null) return decision.needed.includes(role) ? 'needed' : 'none'
  const shown = isYesNo(decision) ? (stands ? 'yes' : 'no') : type.show(stands)
  return `${printable(shown)}${isOptional(decision, role) ? `; ${NONE} for none` : ''}`
}

/** Flags have 0 and 1, which are answers, too. */
function isYesNo({ type }: Decision): boolean {
  return type === (bool as unknown)
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
    const word = isYesNo(decision) ? (SHORT.get(answer.toLowerCase()) ?? answer) : answer
    const value = type.fromJson(word, (file) => readValueFile(file, (why) => cannotRead(file, why)))
    if (value !== undefined) return { value }
  } catch (error) {
    return { fault: toIntercomError(error).message }
  }
  const expects = isYesNo(decision) ? 'Answer yes or no.' : type.expects
  return { fault: `${expects}${answer === '' ? '' : ` Got ${quoted(answer)}.`}` }
}
