export interface Backoff {
  /** Before the first attempt. */
  readonly minMs: number
  readonly maxMs: number
  /** From 0 to below 1. */
  readonly random: () => number
}

/**
 * How long to wait before the attempt (counted from 0): twice as long each time up to the most, of which
 * half is left to chance, so that clients that lost the same node do not come back all at once.
 */
export function backoffMs(attempt: number, { minMs, maxMs, random }: Backoff): number {
  const most = Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30))
  return Math.round(most / 2 + (most / 2) * random())
}
