import path from '#path'
import { IntercomError, messageOf, systemCode } from '../base/errors.ts'
import { readSmallFile } from '../base/small-file.ts'
import { printable, quoted } from '../base/text.ts'

/** The format of the stores that this version writes. */
export const FORMAT = 1
export const FORMAT_FILE = 'format'
/** Of a store without the file: those of 0.1.0, and of deployed peers. */
const FIRST = 1

/** One step to the next format. */
export interface Migration {
  readonly from: number
  /** The files that it reads, changes, makes or removes, by their paths in the store; any of them may be missing. */
  readonly touches: readonly string[]
  /** Works on copies of them, in a folder of their own. Whatever it throws leaves the store as it was. */
  readonly migrate: (folder: string) => void
}

/** Every step, in order: the first leads from format 1 to 2. config.json is read before any of them could run. */
export const MIGRATIONS: readonly Migration[] = []

/** The format of the store in that folder. A Corestore that was just made has moved the file into its `db`. */
export function formatOf(folder: string): number {
  for (const file of [path.join(folder, FORMAT_FILE), path.join(folder, 'db', FORMAT_FILE)]) {
    const text = read(file, folder)
    if (text === null) continue
    if (/^[1-9]\d{0,8}\s*$/.test(text)) return Number(text)
    throw new IntercomError(
      'store_broken',
      `The file ${quoted(file, 300)} does not say which format the store has.`,
      { next: 'Put back what was in it: the number of the format, 1 for a store of version 0.1.' }
    )
  }
  return FIRST
}

/** Before anything in it is read or written. */
export function refuseNewer(folder: string, known = FORMAT): void {
  const format = formatOf(folder)
  if (format <= known) return
  throw new IntercomError(
    'store_newer',
    `The store ${quoted(folder, 300)} has format ${format}, and this version knows no later one than ${known}.`
  )
}

function read(file: string, folder: string): string | null {
  try {
    return readSmallFile(file)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    const why = printable(code ?? messageOf(error))
    const message = `Cannot read the format of the store ${quoted(folder, 300)} (${why}).`
    throw new IntercomError('store_broken', message, { cause: error })
  }
}
