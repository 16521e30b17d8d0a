/**
 * Why messages are missing: this side was too slow and the node does not hold them any more; more came
 * while it was away than the node holds; or the node was started anew, and what it heard before it ended,
 * if anything, is gone.
 */
export type GapReason = 'lagged' | 'history' | 'restart'

/** Messages that an iterator will not see. */
export interface Gap {
  readonly channel: string
  /** The first that is missing, by `seq`. */
  readonly from: number
  /** The last; `null` when nobody knows how many there were. */
  readonly to: number | null
  readonly reason: GapReason
}

/**
 * Why changes or messages of the subnet are missing: this side was too slow for them, or it was not connected
 * for a while.
 */
export type SubnetGapReason = 'lagged' | 'disconnected'

/** Keys may have changed without a word: read again what is watched. */
export interface StateGap {
  readonly reason: SubnetGapReason
}

/** Messages of the chat that an iterator may not see; `chatMessages` has them. */
export interface ChatGap {
  /** The first that may be missing, by `n`; `null` when none was seen before. */
  readonly from: number | null
  /** The last; `null` when nobody knows whether there were any. */
  readonly to: number | null
  readonly reason: SubnetGapReason
}

export type AnyGap = Gap | StateGap | ChatGap
