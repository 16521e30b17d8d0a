import { IntercomError } from '../../src/base/errors.ts'
import type { CheckedFields, ReplyFields } from '../../src/bridge/types.ts'
import type { History } from './history.ts'

export interface ResumeContext {
  readonly history: History
  /** Of this start of the node. */
  readonly epoch: string
  /** Every channel that the client follows and that there were messages of. */
  readonly followed: () => readonly string[]
}

type Plan = Pick<ReplyFields<'subscribed'>, 'from' | 'lost' | 'replay'>

/** What a client that comes back is to get of each channel, and what of it is gone (spec/bridge 2.6). */
export function resumption(
  { since, epoch }: Pick<CheckedFields<'subscribe'>, 'since' | 'epoch'>,
  names: readonly string[],
  { history, epoch: current, followed }: ResumeContext
): Plan {
  if (since === undefined) return {}
  const plan = (channel: string, seen: number) => {
    const last = history.last(channel)
    // Numbers of another start, or that cannot be of this one: whatever is held is new.
    const after = (epoch !== undefined && epoch !== current) || seen > last ? 0 : seen
    const from = Math.max(history.first(channel), after + 1)
    return { from, lost: from - after - 1 }
  }
  if (typeof since === 'number') {
    const [channel, ...more] = names
    if (channel === undefined || more.length > 0) {
      throw new IntercomError('bad_arguments', 'Invalid since (a number is for one channel).', {
        next: 'Name one channel, or give an object with a number for each.'
      })
    }
    const { from, lost } = plan(channel, since)
    return { from, lost, replay: { [channel]: { from, lost } } }
  }
  const channels = new Set(names.length > 0 ? names : followed())
  const replay = Object.fromEntries(
    [...channels].map((channel) => [
      channel,
      plan(channel, Object.hasOwn(since, channel) ? (since[channel] ?? 0) : 0)
    ])
  )
  return { lost: Object.values(replay).reduce((total, { lost }) => total + lost, 0), replay }
}
