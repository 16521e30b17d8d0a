import type { Hex32 } from '../../../src/base/hex.ts'
import { controlOf, isHandshake } from '../control.ts'
import { type Pow, type SidechannelMessage, verifyMessage } from '../wire.ts'
import type { Proof } from './signature.ts'

export interface RelayRules {
  readonly relay: boolean
  /** Our own TTL: what others grant themselves counts no further. */
  readonly ttl: number
  readonly self: Hex32
}

/**
 * The copy to pass on to every other authorised neighbour of the channel, or null. Ask only when there is
 * one: a direct message has its signature checked here, as nothing goes out that others would drop.
 */
export function relayCopy(
  message: SidechannelMessage,
  proof: Proof,
  rules: RelayRules
): SidechannelMessage | null {
  const ttl = Math.min(message.ttl, rules.ttl)
  if (!rules.relay || ttl === 0 || isHandshake(controlOf(message))) return null
  if (proof === 'none' || (proof === 'direct' && !verifyMessage(message))) return null
  const pow = message.pow === undefined ? {} : { pow: workOf(message.pow) }
  return { ...message, ...pow, ttl: ttl - 1, relayedBy: rules.self }
}

/** Unverified where no work is asked for: whatever else is in there is not for us to carry. */
function workOf(pow: Pow): Pow {
  const numbers = Object.entries({ nonce: pow.nonce, difficulty: pow.difficulty }).filter(
    ([, value]) => typeof value === 'number'
  )
  return Object.fromEntries(numbers) as unknown as Pow
}

/** Not back to where it came from, nor to who wrote it. */
export function shouldRelayTo(neighbour: string, message: SidechannelMessage, cameFrom: string): boolean {
  return neighbour !== cameFrom && neighbour !== message.from
}
