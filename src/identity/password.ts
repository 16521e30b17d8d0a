import b4a from 'b4a'
import { IntercomError, messageOf } from '../base/errors.ts'
import { readSmallFile } from '../base/small-file.ts'
import { quoted } from '../base/text.ts'

/** The password of the key file: empty where none is configured. */
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
