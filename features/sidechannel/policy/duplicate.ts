import type { SeenSet } from '../../../src/base/seen.ts'
import type { SidechannelMessage } from '../wire.ts'
import type { Proof } from './signature.ts'

/**
 * What is not proven is kept apart: it may call itself anything, and must not make a proven message of that
 * author look like a duplicate.
 */
function keyOf(message: SidechannelMessage, proof: Proof): string {
  return proof === 'none' ? `unverified:${message.from}` : message.from
}

export function isDuplicate(seen: SeenSet, message: SidechannelMessage, proof: Proof, now: number): boolean {
  return seen.has(keyOf(message, proof), message.id, message.ts, now)
}

/** Only once author and work checked out (spec/sidechannel 2.4). */
export function remember(seen: SeenSet, message: SidechannelMessage, proof: Proof, now: number): void {
  seen.add(keyOf(message, proof), message.id, message.ts, now)
}

/** Neither new nor known: a replay could not be told from the message (spec/sidechannel 2.4). */
export function isForgotten(seen: SeenSet, message: SidechannelMessage, now: number): boolean {
  return seen.isOutside(message.ts, now)
}
