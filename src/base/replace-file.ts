import fs from '#fs'

/** Replaces a file at once or not at all, readable by its owner only. */
export function replaceFile(target: string, content: string): void {
  const temporary = `${target}.new`
  const fd = fs.openSync(temporary, 'w', 0o600)
  try {
    fs.writeSync(fd, content)
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
  fs.renameSync(temporary, target)
}
