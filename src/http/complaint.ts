import type { Log, LogFields } from '../base/log.ts'

const INTERVAL = 60_000

/** A warning that others can cause as often as they like: one line a minute, which says how often it was. */
export function createComplaint(log: Log, message: string, now: () => number): (fields?: LogFields) => void {
  let times = 0
  let last = Number.NEGATIVE_INFINITY
  return (fields = {}) => {
    times++
    if (now() - last < INTERVAL) return
    log.warn(message, { ...fields, times })
    last = now()
    times = 0
  }
}
