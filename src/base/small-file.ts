import fs from '#fs'

// Big enough for any key, welcome, invite, list or configuration; more is a mistake.
const LARGEST_FILE = 1024 * 1024

/** A text file, whole. Never a device or a pipe, which could be endless or keep the process waiting. */
export function readSmallFile(file: string): string {
  const stat = fs.statSync(file)
  if (!stat.isFile()) throw new Error('not a file')
  if (stat.size > LARGEST_FILE) throw new Error(`larger than ${LARGEST_FILE} bytes`)
  // Some editors begin a file with a mark that says it is Unicode.
  return fs.readFileSync(file, 'utf-8').replace(/^\ufeff/, '')
}
