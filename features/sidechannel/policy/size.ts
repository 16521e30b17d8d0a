export interface SizeLimits {
  /** Largest message, as bytes of JSON. */
  readonly maxBytes: number
  /** Bytes per second; 0 turns the limit on rate off. */
  readonly rate: number
  readonly burst: number
}

export function isTooLarge(jsonBytes: number, maxBytes: number): boolean {
  return jsonBytes > maxBytes
}

/** The `relayedBy` that a relay adds takes 79. */
const RELAY_ROOM = 96

/** With limits on, more than a burst would be lost at every receiver (spec/sidechannel 2.12). */
export function largestCopy({ maxBytes, rate, burst }: SizeLimits): number {
  return rate === 0 ? maxBytes : Math.min(maxBytes, burst)
}

/** What may be sent: what others pass on of it has to fit too. */
export function largestMessage(limits: SizeLimits): number {
  return limits.rate === 0 ? limits.maxBytes : Math.max(0, largestCopy(limits) - RELAY_ROOM)
}
