import { systemCode, toIntercomError } from '../base/errors.ts'
import { type Check, type Finding, fail, type NamedFinding, unknown } from './finding.ts'
import { ASK_AS_OWNER, DENIED, type Visit } from './visit.ts'

const LIMIT_MS = 15_000

/** All checks at the same time; what one of them throws is its finding. */
export function examine(
  visit: Visit,
  checks: readonly Check[],
  limitMs = LIMIT_MS
): Promise<readonly NamedFinding[]> {
  return Promise.all(
    checks.map(async (check) => ({ check: check.name, ...(await limited(check, visit, limitMs)) }))
  )
}

async function limited(check: Check, visit: Visit, limitMs: number): Promise<Finding> {
  let timer: ReturnType<typeof setTimeout> | null = null
  const late = new Promise<Finding>((resolve) => {
    const says = `It took longer than ${limitMs / 1000} s to look at ${check.looksAt}.`
    timer = setTimeout(() => resolve(unknown(says, 'Ask again when the machine has less to do.')), limitMs)
  })
  try {
    return await Promise.race([found(check, visit), late])
  } finally {
    if (timer !== null) clearTimeout(timer)
  }
}

async function found(check: Check, visit: Visit): Promise<Finding> {
  try {
    return await check.run(visit)
  } catch (error) {
    const { code, message, next } = toIntercomError(error)
    const denied = code === 'internal' && DENIED.includes(systemCode(error) ?? '')
    return fail(message, denied ? ASK_AS_OWNER : next)
  }
}
