import * as v from 'valibot'
import { type Hex32, isHex32 } from '../base/hex.ts'
import { said } from '../schema/said.ts'

/**
 * What the fields of requests accept, and the sentence a caller reads that breaks a rule. Those of a transaction
 * are the words of deployed servers (spec/subnet 3.3); what is not said here is for the subnet to check.
 */

const NOT_AN_OBJECT = 'prepared_command must be an object.'
const NO_TYPE = 'prepared_command.type must exist and be a string.'
const NO_VALUE = 'prepared_command.value is missing.'

export const key = said(v.pipe(v.string('Missing key.'), v.nonEmpty('Missing key.')), 'A key of the state.')

export const confirmed = said(
  v.pipe(
    v.optional(v.string('Invalid confirmed.'), 'true'),
    v.transform((text) => text === 'true')
  ),
  'Unless it is `true`, the latest state, of which the end may still be reordered; else what is final.'
)

export const preparedCommand = said(
  v.object({ type: v.pipe(v.string(NO_TYPE), v.nonEmpty(NO_TYPE)), value: v.unknown() }, ({ path }) =>
    path === undefined ? NOT_AN_OBJECT : path[0].key === 'type' ? NO_TYPE : NO_VALUE
  ),
  'Which function of the contract, and what it is given.'
)

export const address = said(
  v.string('Address length invalid.'),
  'Who signed it: public key, 64 hex digits in lower case as all hex here, or `trac1…`.'
)
export const signature = said(
  v.string('Signature length invalid.'),
  'Ed25519, over the 32 bytes of `tx`: 128 hex digits.'
)
export const nonce = said(v.string('Nonce length invalid.'), 'That of `tx`: 64 hex digits; used once.')
export const tx = said(v.string('Invalid TX.'), 'What was signed: 64 hex digits.')

export const sim = said(
  v.nullish(v.boolean('Invalid sim. Expected true or false.'), false),
  'Only try it, on the latest state; nothing is written.'
)

export const nonceOfPrepare = key32('nonce', 'From `/v1/contract/nonce`; used once.')
export const addressOfPrepare = key32('address', 'Public key of who is going to sign it.')

function key32(name: string, what: string) {
  const bad = `Invalid ${name}. Expected 32-byte hex (64 chars).`
  return said(
    v.pipe(
      v.string(bad),
      v.guard((text): text is Hex32 => isHex32(text), bad)
    ),
    what
  )
}
