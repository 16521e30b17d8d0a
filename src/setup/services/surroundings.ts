import os from '#os'
import path from '#path'
import process from '#process'
import { IntercomError, systemCode } from '../../base/errors.ts'
import { programFile } from '../../base/program-file.ts'
import { printable, quoted } from '../../base/text.ts'

/** What a service has to be told, since nobody logs in for it. */
export interface Surroundings {
  /** Who owns the store; null where the system has no name for them. */
  readonly user: string | null
  readonly home: string
  /** Where `node` is found. */
  readonly path: string
}

const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin'

/** Those of whoever asks for the service. */
export function surroundings(): Surroundings {
  const node = programFile('node', process.env.PATH)
  const folder = node === null ? null : path.dirname(node)
  const isUsual = folder === null || SYSTEM_PATH.split(':').includes(folder)
  return { user: userName(), home: os.homedir(), path: isUsual ? SYSTEM_PATH : `${folder}:${SYSTEM_PATH}` }
}

function userName(): string | null {
  try {
    return os.userInfo().username
  } catch (error) {
    // In a container a number may be all that there is.
    if (systemCode(error) === null) throw error
    return null
  }
}

/** A path as it may stand in the file of a service: its formats have lines, and no way to escape everything. */
export function plainPath(file: string): string {
  if (printable(file) === file) return file
  throw unsupported(file)
}

export function unsupported(file: string): IntercomError {
  return new IntercomError('setup_unsupported', `${quoted(file, 300)} cannot stand in the file of a service.`)
}
