import { IntercomError } from '../base/errors.ts'
import type { CliIo } from './io.ts'
import { counted } from './lines.ts'

interface Stoppable<T> extends AsyncIterable<T> {
  stop(): void
}

export interface FollowOptions {
  readonly count: number | undefined
  readonly timeout: number | undefined
  /** What is counted. */
  readonly noun: string
}

/** Prints until there are enough, or the time is over and all is printed that had come by then. */
export async function follow<T>(
  loop: Stoppable<T>,
  { count, timeout, noun }: FollowOptions,
  io: CliIo,
  lineOf: (item: T) => string
): Promise<void> {
  let heard = 0
  const timer = timeout === undefined ? null : setTimeout(() => loop.stop(), timeout * 1000)
  try {
    for await (const item of loop) {
      io.print(lineOf(item))
      if (++heard === count) return
      await io.drained()
    }
  } finally {
    if (timer !== null) clearTimeout(timer)
  }
  if (count === undefined) return
  throw new IntercomError('timed_out', `${heard} of ${counted(count, noun)} came in ${timeout} s.`)
}
