import FDLock from 'fd-lock'
import fs from '#fs'
import path from '#path'
import { messageOf } from '../base/errors.ts'
import { DEVICE_FILE } from './key-file-place.ts'

/** The lock that a node has on its store while it runs; null when somebody has it. What is in the file stays as it is. */
export async function tryLock(folder: string): Promise<FDLock | null> {
  const file = path.join(folder, DEVICE_FILE)
  // To open a pipe takes until somebody else does.
  if (!fs.statSync(file).isFile()) throw new Error(`${DEVICE_FILE} is not a file`)
  const lock = new FDLock(fs.openSync(file, 'r+'))
  try {
    await lock.ready()
    return lock
  } catch (error) {
    await lock.close()
    if (messageOf(error).includes('could not be locked')) return null
    throw error
  }
}
