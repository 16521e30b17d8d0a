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

/** What may be sent: with limits on, more than a burst would be lost at every receiver (spec/sidechannel 2.12). */
export function largestMessage({ maxBytes, rate, burst }: SizeLimits): number {
  return rate === 0 ? maxBytes : Math.min(maxBytes, burst)
}
