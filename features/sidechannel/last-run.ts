import fs from '#fs'
import { IntercomError, messageOf, systemCode } from '../../src/base/errors.ts'
import type { Log } from '../../src/base/log.ts'
import { readSmallFile } from '../../src/base/small-file.ts'
import type { PeerStore } from '../../src/store/peer-store.ts'

const FILE = 'sidechannels-ended.json'

/**
 * When the run before this one ended: what is older may have been seen by it, and what it saw is not known any
 * more. The note is taken away, so that a run that ends without a word leaves none: then it is now.
 */
export function takeLastEnd(store: PeerStore, now: number, skewMs: number): number {
  if (store.isNew) return Number.NEGATIVE_INFINITY
  const file = store.file(FILE)
  let endedAt: unknown
  try {
    endedAt = JSON.parse(readSmallFile(file))?.endedAt
  } catch {
    // No note, or none that can be read.
    return now
  } finally {
    removeIfThere(file)
  }
  // A clock that is still behind at the start has the end of the last run ahead of it.
  return typeof endedAt === 'number' && endedAt <= now + skewMs ? endedAt : now
}

/** Without the note the next run is stricter, and nothing else. */
export function noteEnd(store: PeerStore, now: number, log: Log): void {
  try {
    store.writeFile(FILE, `${JSON.stringify({ endedAt: now })}\n`)
  } catch (error) {
    log.debug('the end is not noted for the next start', { error: messageOf(error) })
  }
}

function removeIfThere(file: string): void {
  try {
    fs.unlinkSync(file)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return
    throw new IntercomError('store_unwritable', `The store cannot be written (${messageOf(error)}).`, {
      cause: error
    })
  }
}
