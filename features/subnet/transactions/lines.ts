import { safeJsonStringify } from '../../../src/app/json.ts'
import { printable } from '../../../src/base/text.ts'
import type { TxResult } from '../../../src/subnet-plane.ts'

/** Of one value on the screen. */
const LONGEST = 4000

/** What people read of a transaction. */
export function txLines(result: TxResult): string[] {
  const { tx, simulated, error, value, log, appended, n } = result
  const failure = error === null ? [] : [`Contract error: ${printable(String(error))}`]
  if (simulated) {
    const returned = printable(safeJsonStringify(value) ?? 'null').slice(0, LONGEST)
    return [
      ...log.map(printable),
      ...(error === null ? [`Simulated, nothing is written. Returned: ${returned}`] : failure)
    ]
  }
  if (!appended) return [`TX ${tx} waits for a writer: it is kept, and sent again.`]
  return [`TX appended: ${tx}${n === null ? ' (not applied here yet)' : ''}`, ...failure]
}
