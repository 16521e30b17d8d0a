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
