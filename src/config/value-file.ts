import { type IntercomError, messageOf, systemCode } from '../base/errors.ts'
import { readSmallFile } from '../base/small-file.ts'

/** What the file behind an `@` holds; `refuse` makes the error out of why it cannot be had. */
export function readValueFile(file: string, refuse: (why: string) => IntercomError): string {
  try {
    return readSmallFile(file).trim()
  } catch (error) {
    throw refuse(systemCode(error) ?? messageOf(error))
  }
}
