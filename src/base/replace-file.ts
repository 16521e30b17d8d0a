import fs from '#fs'

/** Replaces a file at once or not at all, readable by its owner only. */
export function replaceFile(file: string, content: string | Uint8Array): void {
  const temporary = `${file}.new`
  writeSynced(temporary, content)
  fs.renameSync(temporary, file)
}

/** What is in it outlives a crash of the machine. */
export function writeSynced(file: string, content: string | Uint8Array): void {
  const fd = fs.openSync(file, 'w', 0o600)
  try {
    if (typeof content === 'string') fs.writeSync(fd, content)
    else for (let at = 0; at < content.byteLength; ) at += fs.writeSync(fd, content.subarray(at))
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}
