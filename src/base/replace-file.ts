import b4a from 'b4a'
import fs from '#fs'
import process from '#process'

const PRIVATE_FILE = 0o600

/** Replaces a file at once or not at all, readable by its owner only unless told otherwise. */
export function replaceFile(file: string, content: string | Uint8Array, mode: number = PRIVATE_FILE): void {
  // Another process may be about to replace the same file.
  const temporary = `${file}.${process.pid}.new`
  try {
    writeSynced(temporary, content, mode)
    fs.renameSync(temporary, file)
  } catch (error) {
    if (isFile(temporary)) fs.unlinkSync(temporary)
    throw error
  }
}

/** What is in it outlives a crash of the machine. */
export function writeSynced(file: string, content: string | Uint8Array, mode: number = PRIVATE_FILE): void {
  const fd = fs.openSync(file, 'w', mode)
  try {
    // The mode above is less what the process masks.
    fs.fchmodSync(fd, mode)
    const bytes = typeof content === 'string' ? b4a.from(content) : content
    // On a disk that is filling up just now, not all of it is taken at once.
    for (let at = 0; at < bytes.byteLength; ) at += fs.writeSync(fd, bytes.subarray(at))
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

function isFile(name: string): boolean {
  return fs.existsSync(name) && fs.statSync(name).isFile()
}
