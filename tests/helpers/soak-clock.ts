/** What a relay holds at a moment. */
export interface Sample {
  readonly rss: number
  readonly heapUsed: number
  /** Buffers outside of the heap that JavaScript holds. */
  readonly external: number
  /** Bytes that wait for neighbours who read slowly. */
  readonly waiting: number
  readonly received: number
  readonly relayed: number
  /** By reason, as far as there are any. */
  readonly dropped: Readonly<Record<string, number>>
  /** Of every map that could grow. */
  readonly sizes: Readonly<Record<string, number>>
}

/** The same in every process of a soak: a day may pass in minutes. */
export function simulatedClock(began: number, factor: number): () => number {
  return () => Math.floor(began + (Date.now() - began) * factor)
}

export function soakChannels(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `soak-${i}`)
}
