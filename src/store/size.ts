import fs from '#fs'
import path from '#path'
import { systemCode } from '../base/errors.ts'

/** The bytes of all files below a folder. One question at a time, so that a large one holds up nobody. */
export async function folderSize(folder: string): Promise<number> {
  const entries = (await orWhenGone(fs.promises.readdir(folder, { withFileTypes: true }))) ?? []
  let total = 0
  for (const entry of entries) {
    const at = path.join(folder, entry.name)
    total += entry.isDirectory()
      ? await folderSize(at)
      : ((await orWhenGone(fs.promises.stat(at)))?.size ?? 0)
  }
  return total
}

/** The database removes files whenever it likes. */
async function orWhenGone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    return null
  }
}
