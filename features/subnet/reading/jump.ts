import type Hyperbee from 'hyperbee'
import { KEYS } from '../engine/state-keys.ts'

/** Who was away for more than this reads the state itself. */
const MOST_KEYS = 50_000

/** Keys that differ between the view as it was at this length and as it is now, or may do so. */
export async function changedSince(
  view: Hyperbee,
  length: number
): Promise<{ readonly changed: Set<string>; readonly more: boolean }> {
  // What parts of the node depend on, wherever the list ends.
  const changed = new Set<string>([KEYS.admin, KEYS.app, KEYS.autoAddWriters, KEYS.messages])
  // To find out, all of it would be fetched from others; or there is nothing to compare with, where more was taken back.
  if (length === 0 || length > view.core.length) return { changed, more: true }
  let more = false
  const now = view.snapshot()
  try {
    for await (const { left, right } of now.createDiffStream(length)) {
      const entry = left ?? right
      if (entry !== null) changed.add(entry.key)
      more = changed.size >= MOST_KEYS
      if (more) break
    }
  } finally {
    await now.close()
  }
  return { changed, more }
}
