import { IntercomError } from '../../../src/base/errors.ts'
import type { Settlement } from '../engine/settlement.ts'

/** The paid network. This version has no client for it, and says so wherever one would be needed. */
export function unavailableMsb(): Settlement {
  const refuse = async () => {
    throw new IntercomError(
      'settlement_unavailable',
      'Transactions of this subnet are settled by the paid network (MSB), for which this version has no client.'
    )
  }
  return { kind: 'msb', context: refuse, preflight: refuse, broadcast: refuse }
}
