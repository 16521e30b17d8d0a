import { isHex32 } from '../../../src/base/hex.ts'
import type { Untrusted } from '../../../src/base/untrusted.ts'
import type { Pow, SidechannelMessage } from '../wire.ts'

const MAX_ID = 256
/** The latest moment that a Date can hold: beyond it, whoever formats `ts` would fail. */
const MAX_TIME = 8.64e15
/** Twice a signature in hex. A longer text is not worth keeping. */
const MAX_SIG = 256

/**
 * The message, with the fields we know and no others; null when it is none. Optional fields that are null
 * count as absent. Depth was bounded when the frame was decoded.
 */
export function checkShape(untrusted: Untrusted<SidechannelMessage> | null): SidechannelMessage | null {
  const value: unknown = untrusted
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { type, id, channel, from, origin, message, ts, ttl } = value as Record<string, unknown>
  if (type !== 'sidechannel' || message === undefined || typeof channel !== 'string') return null
  if (typeof id !== 'string' || id.length === 0 || id.length > MAX_ID) return null
  if (!isHex32(from) || origin !== from) return null
  if (!isCount(ts) || ts > MAX_TIME || !isCount(ttl)) return null

  const { invite, pow, sig, relayedBy } = value as Record<string, unknown>
  if (isGiven(sig) && (typeof sig !== 'string' || sig.length > MAX_SIG)) return null
  if (isGiven(relayedBy) && !isHex32(relayedBy)) return null
  return {
    ...{ type, id, channel, from, origin: from, message, ts, ttl },
    ...(isGiven(invite) ? { invite } : {}),
    // Its content is for the check of the work, which is total.
    ...(isGiven(pow) ? { pow: pow as Pow } : {}),
    ...(isGiven(sig) ? { sig } : {}),
    ...(isGiven(relayedBy) ? { relayedBy } : {})
  }
}

function isGiven<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0
}
