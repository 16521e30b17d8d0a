import b4a from 'b4a'
import { IntercomError, messageOf } from '../base/errors.ts'
import { readSmallFile } from '../base/small-file.ts'
import { quoted } from '../base/text.ts'

/** What `--wallet-password-file` holds, without the end of its line; empty where there is none, as deployed peers have it. */
export function readPassword(file: string | null): Uint8Array {
  if (file === null) return b4a.alloc(0)
  try {
    return b4a.from(readSmallFile(file).replace(/\r?\n$/, ''))
  } catch (error) {
    throw new IntercomError(
      'key_file_io',
      `Cannot read --wallet-password-file ${quoted(file)} (${messageOf(error)}).`
    )
  }
}
