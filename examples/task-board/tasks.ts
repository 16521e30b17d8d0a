/** What the contract and the protocol of the task board agree on. */

export interface Task {
  readonly id: number
  readonly title: string
  readonly details: string | null
  /** Who posted it. */
  readonly by: string
  /** The `currentTime` from which on nobody can claim or complete it; null: it never ends. */
  readonly until: number | null
  readonly status: 'open' | 'claimed' | 'done' | 'expired'
  readonly claimer: string | null
  readonly result: string | null
}

export const MAX_ID = 9_999_999_999

// Digits in front, so that keys sort as numbers do.
const padded = (id: number) => String(id).padStart(10, '0')

/** Lists are prefixes: all tasks, the open ones, those that somebody has claimed and not completed. */
export const KEYS = {
  time: 'currentTime',
  count: 'app/tasks/count',
  task: (id: number) => `app/tasks/all/${padded(id)}`,
  open: (id: number) => `app/tasks/open/${padded(id)}`,
  claimed: (address: string, id: number) => `app/tasks/claimed/${address}/${padded(id)}`
} as const

export function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_ID
}

/** Open or claimed, and its time is over. */
export function isOver({ status, until }: Task, now: unknown): boolean {
  return (
    (status === 'open' || status === 'claimed') && until !== null && typeof now === 'number' && now >= until
  )
}
