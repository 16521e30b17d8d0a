import path from '#path'
import { IntercomError, messageOf, systemCode } from '../base/errors.ts'
import { readSmallFile } from '../base/small-file.ts'
import { printable, quoted } from '../base/text.ts'

export function tokenFromFile(file: string): string {
  const next = 'Give another one with --sc-bridge-token-file, or set SC_BRIDGE_TOKEN in the environment.'
  const token = read(file, (why) => {
    const message = `The token file ${quoted(path.resolve(file), 300)} cannot be read (${why}).`
    return new IntercomError('no_token', message, { next })
  }).replace(/[\r\n]+$/, '')
  if (token !== '') return token
  throw new IntercomError('no_token', `The token file ${quoted(path.resolve(file), 300)} is empty.`, { next })
}

export function readPem(file: string): string {
  return read(file, (why) => {
    const message = `Invalid --sc-bridge-tls-cert. Cannot read ${quoted(path.resolve(file), 300)} (${why}).`
    return new IntercomError('bad_flag', message)
  })
}

function read(file: string, refuse: (why: string) => IntercomError): string {
  try {
    return readSmallFile(file)
  } catch (error) {
    throw refuse(systemCode(error) ?? printable(messageOf(error)))
  }
}
