import b4a from 'b4a'
import * as v from 'valibot'
import { channelName } from '../base/channel-name.ts'
import { type Hex32, isHex32 } from '../base/hex.ts'
import { parseTokenText } from '../base/token-text.ts'
import { WATCH_LIMITS } from './limits.ts'

/** What the fields of requests accept. The sentence beside each rule is what a client reads that breaks it. */

export const channel = named(
  'channel',
  'Name of a sidechannel: 1-128 bytes, no control characters.',
  'Missing channel.'
)

export const channels = v.pipe(
  v.array(channel, 'Invalid channels (expected a list of names).'),
  v.maxLength(1024, 'Invalid channels (at most 1024).'),
  v.description('Names of sidechannels.')
)

export const invite = grant('invite', 'Signed invite to this peer')
export const welcome = grant('welcome', "The owner's signed welcome")
export const owner = hexKey('owner', "The owner's public key, where none is configured.")
export const pubkey = hexKey('pubkey', 'Public key of a peer.')

/** The name of a channel, in a field of this name. */
export function named(name: string, what: string, missing?: string) {
  const bad = `Invalid ${name} (expected 1-128 bytes without control characters).`
  return v.pipe(
    v.string(missing ?? bad),
    v.nonEmpty(missing ?? bad),
    v.check((text) => channelName(text) !== null, bad),
    v.trim(),
    v.description(what)
  )
}

/** An object, JSON text or base64 of JSON; what it says is for the plane to check. */
function grant(name: string, what: string) {
  const bad = `Invalid ${name} (expected JSON or base64).`
  return v.pipe(
    v.union([v.record(v.string(), v.unknown()), v.string()], bad),
    v.transform((value) => (typeof value === 'string' ? parseTokenText<object>(value) : value)),
    v.check((value) => value !== null, bad),
    v.description(`${what}: an object, its JSON, or base64 of that.`)
  )
}

export function hexKey(name: string, what: string) {
  const bad = `Invalid ${name} (expected 64 hex digits).`
  return v.pipe(
    v.string(bad),
    v.toLowerCase(),
    v.guard((key): key is Hex32 => isHex32(key), bad),
    v.description(what)
  )
}

export function text(name: string, most: number, what: string) {
  return v.pipe(
    v.string(`Missing ${name}.`),
    v.maxLength(most, `Invalid ${name} (at most ${most} characters).`),
    v.description(what)
  )
}

export function natural(name: string, least: number, what: string) {
  const bad = `Invalid ${name} (expected a whole number from ${least}).`
  return v.pipe(v.number(bad), v.safeInteger(bad), v.minValue(least, bad), v.description(what))
}

/** So many bytes of hex. */
export function hex(name: string, bytes: number, what: string) {
  const digits = 2 * bytes
  const bad = `Invalid ${name} (expected ${digits} hex digits).`
  return v.pipe(
    v.string(bad),
    v.toLowerCase(),
    v.check((value) => value.length === digits && /^[0-9a-f]*$/.test(value), bad),
    v.description(what)
  )
}

/** Keys of the shared state begin with it. */
export function prefix(name: string, what: string) {
  const bad = `Invalid ${name} (expected text of at most ${WATCH_LIMITS.prefixBytes} bytes).`
  return v.pipe(
    v.string(bad),
    v.check((value) => b4a.byteLength(value) <= WATCH_LIMITS.prefixBytes, bad),
    v.description(what)
  )
}
