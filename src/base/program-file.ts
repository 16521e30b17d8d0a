import fs from '#fs'
import path from '#path'

/**
 * Where a program of the system lies; null where there is none of that name. To be asked before it is started: on Bare a
 * start that failed ends the whole group of processes once this one ends.
 */
export function programFile(name: string, searched: string | undefined): string | null {
  for (const folder of (searched ?? '').split(path.delimiter)) {
    const file = path.join(folder, name)
    if (path.isAbsolute(folder) && isFile(file)) return file
  }
  return null
}

function isFile(file: string): boolean {
  return fs.existsSync(file) && fs.statSync(file).isFile()
}
