import { systemCode } from '../base/errors.ts'

const DISK_FAULTS: ReadonlySet<string> = new Set(['EDQUOT', 'EFBIG', 'ENOSPC', 'EROFS'])

/**
 * Why the disk did not take what was written, or null where something else is the matter. The database puts what
 * the system said into errors of its own.
 */
export function diskFault(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = systemCode(at)
    if (code !== null && DISK_FAULTS.has(code)) return code
  }
  return null
}
