import { AssertionError } from '../../../src/app/assert.ts'
import { getError, safeJsonStringify } from '../../../src/app/json.ts'
import { DeterminismError } from './guard.ts'
import { ContractError } from './overlay.ts'
import type { Rules } from './rules.ts'

/** How a run ended, as it goes into the state: a text is the same on every peer. */
export interface Ending {
  readonly error: string | null
  /** Thrown, and not by an assertion: nothing of the run stays. */
  readonly fault: boolean
}

type Words = Pick<Rules, 'keepsEngineWords' | 'maxErrorLength'>

const THROWN = 'Error in contract.'

// What engines say in these differs between them.
const OF_ENGINE = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError] as const

/** Reads what a contract returned, which can be code of the contract, and so can fail like it. */
export function endingOf(value: unknown, words: Words): Ending {
  try {
    return returned(value, words)
  } catch (error) {
    return failureOf(error, words)
  }
}

function returned(value: unknown, { keepsEngineWords, maxErrorLength }: Words): Ending {
  const error = getError(value)
  if (error === null) return { error: null, fault: false }
  if (!keepsEngineWords && OF_ENGINE.some((type) => error instanceof type))
    return { error: THROWN, fault: false }
  const { message } = error
  const text = typeof message === 'string' ? message : (safeJsonStringify(message) ?? 'Error')
  return { error: text.slice(0, maxErrorLength), fault: false }
}

/** What a contract threw; never throws, whatever that is. */
export function failureOf(error: unknown, { maxErrorLength }: Words): Ending {
  try {
    const { text, fault } = thrownBy(error)
    return { error: text.slice(0, maxErrorLength), fault }
  } catch {
    // A proxy, a getter or a `toString` of its own: it says no more than the words of an engine do.
    return { error: THROWN, fault: true }
  }
}

/** An assertion is a refusal that was meant. Only our own words and plain ones stay. */
function thrownBy(error: unknown): { text: string; fault: boolean } {
  if (error instanceof AssertionError) return { text: String(error.message), fault: false }
  const ours = error instanceof ContractError || error instanceof DeterminismError
  if (ours || (error instanceof Error && error.name === 'Error'))
    return { text: String(error.message), fault: true }
  return { text: THROWN, fault: true }
}
