import fs from '#fs'
import os from '#os'
import path from '#path'
import { IntercomError, messageOf, systemCode } from './errors.ts'
import { printable, quoted } from './text.ts'

/** An empty file of ours, which takes its text once that is there. */
export interface NewScript {
  readonly file: string
  write(text: string): void
  /** Takes the file away again. */
  drop(): void
}

/** A file that its owner may run, and never over another one. */
export function claimScript(name: string): NewScript {
  const file = path.resolve(name)
  createEmpty(file)
  return {
    file,
    write(text) {
      try {
        fs.writeFileSync(file, text)
      } catch (error) {
        throw unwritable(file, error)
      }
    },
    drop: () => fs.rmSync(file, { force: true })
  }
}

function createEmpty(target: string): void {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'intercom-script-'))
  try {
    const empty = path.join(folder, 'script')
    fs.writeFileSync(empty, '', { mode: 0o700 })
    // Opening with `wx` would not do: bare-fs 4.8.4 has no O_EXCL.
    fs.copyFileSync(empty, target, fs.constants.COPYFILE_EXCL)
    fs.chmodSync(target, 0o700)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw unwritable(target, error)
    throw new IntercomError('script_exists', `${quoted(target, 300)} is there already; it was left as it is.`)
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

function unwritable(target: string, error: unknown): IntercomError {
  const why = printable(systemCode(error) ?? messageOf(error))
  return new IntercomError('script_unwritable', `Cannot write ${quoted(target, 300)} (${why}).`, {
    cause: error
  })
}
