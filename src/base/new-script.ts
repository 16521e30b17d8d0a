import fs from '#fs'
import os from '#os'
import path from '#path'
import { IntercomError, messageOf, systemCode } from './errors.ts'
import { printable, quoted } from './text.ts'

export function refuseExisting(file: string): void {
  const target = path.resolve(file)
  if (fs.existsSync(target)) throw existsAlready(target)
}

/** Writes a file that its owner may run, and never over another one. Returns where it is. */
export function writeNewScript(file: string, text: string): string {
  const target = path.resolve(file)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'intercom-script-'))
  try {
    const whole = path.join(folder, 'script')
    fs.writeFileSync(whole, text, { mode: 0o700 })
    // Opening with `wx` would not do: bare-fs 4.8.4 has no O_EXCL.
    fs.copyFileSync(whole, target, fs.constants.COPYFILE_EXCL)
    fs.chmodSync(target, 0o700)
    return target
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw existsAlready(target)
    const why = printable(systemCode(error) ?? messageOf(error))
    throw new IntercomError('script_unwritable', `Cannot write ${quoted(target, 300)} (${why}).`, {
      cause: error
    })
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}

function existsAlready(target: string): IntercomError {
  return new IntercomError('script_exists', `${quoted(target, 300)} is there already; it was left as it is.`)
}
