import { BridgeError } from './errors.ts'
import type { Start } from './follower.ts'
import type { MessagesOptions } from './options.ts'

/** Where an iterator with these options starts. */
export function startOf({ channel, channels, since, epoch, maxBuffered = 1 }: MessagesOptions): Start {
  if (!(maxBuffered >= 1)) throw wrong('Let "maxBuffered" be at least 1.')
  if (channel !== undefined && channels !== undefined) throw wrong('Give "channel" or "channels", not both.')
  if (channels?.length === 0) throw wrong('Name at least one channel, or leave "channels" out for all.')
  if (typeof since === 'number' && channel === undefined)
    throw wrong('A number as "since" is for one "channel"; for more of them give an object.')
  for (const seq of typeof since === 'number' ? [since] : Object.values(since ?? {})) {
    if (!Number.isSafeInteger(seq) || seq < 0)
      throw wrong('Let "since" be whole numbers from 0: the "seq" of messages.')
  }
  const names = channel === undefined ? channels : [channel]
  return {
    // The node trims names, and its messages carry the trimmed ones.
    channels: names === undefined ? null : new Set(names.map((name) => name.trim())),
    since: typeof since === 'number' ? { [(channel ?? '').trim()]: since } : (since ?? null),
    epoch: epoch ?? null
  }
}

function wrong(next: string): BridgeError {
  return new BridgeError('bad_request', 'Invalid options for messages().', { next })
}
