import Corestore from 'corestore'
import type FDLock from 'fd-lock'
import fs from '#fs'
import path from '#path'
import { IntercomError, messageOf, systemCode } from '../../../src/base/errors.ts'
import { printable, quoted } from '../../../src/base/text.ts'
import { readRunFile } from '../../../src/run-file.ts'
import { refuseNewer } from '../../../src/store/format.ts'
import { tryLock } from '../../../src/store/lock.ts'

/** The store of a peer that is stopped, to be looked at and left as it is. */

/** The same lock that a running peer has, on its file; what is in the file is not touched. */
export async function lockStore(folder: string): Promise<FDLock> {
  const file = path.join(folder, 'CORESTORE')
  if (!fs.existsSync(file)) {
    throw new IntercomError('bad_flag', `There is no store of a peer in ${quoted(folder, 300)}.`, {
      next: 'Give --from the folder with the file CORESTORE in it, such as old/stores/peer.'
    })
  }
  refuseNewer(folder)
  let lock: FDLock | null
  try {
    lock = await tryLock(folder)
  } catch (error) {
    throw storeFailure(error, folder)
  }
  if (lock !== null) return lock
  const { info } = readRunFile(folder)
  const who = info === null ? 'another process' : `process ${info.pid}`
  throw new IntercomError('store_locked', `The store ${quoted(folder, 300)} is in use by ${who}.`, {
    next: 'Stop the old peer, then try again.'
  })
}

export function openReadOnly(folder: string): Corestore {
  const corestore = new Corestore(folder, { readOnly: true })
  // Deployed peers have version 1 of the storage: all that brings it up to date is another number, which would be
  // written. Of what is older there is nothing in this database: it is read as empty.
  corestore.storage._migrateCore = async () => {}
  return corestore
}

/** Whatever was wrong with reading it, as a sentence. */
export function storeFailure(error: unknown, folder: string): IntercomError {
  if (error instanceof IntercomError) return error
  const why = messageOf(error)
  if (systemCode(error) === 'STORAGE_EMPTY') return noSubnet(folder, error)
  if (why.includes('BLOCK_NOT_AVAILABLE')) {
    return new IntercomError(
      'import_refused',
      `The store ${quoted(folder, 300)} has only a part of the state.`,
      {
        cause: error,
        next: 'Import from the store of the admin, or of another peer that has the whole state.'
      }
    )
  }
  return new IntercomError(
    'store_broken',
    `Cannot read the store ${quoted(folder, 300)} (${printable(why)}).`,
    {
      cause: error
    }
  )
}

export function noSubnet(folder: string, cause?: unknown): IntercomError {
  return new IntercomError('import_refused', `The store ${quoted(folder, 300)} holds no state of a subnet.`, {
    cause,
    next: 'Give --from the store of a peer that has taken part in one.'
  })
}
