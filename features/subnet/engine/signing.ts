import b4a from 'b4a'
import { canonicalJson } from '../../../src/base/canonical.ts'
import { isSignedBy } from './known-signatures.ts'

/** What a signed operation says, before it becomes the bytes that are signed (spec/subnet 2.1). */
export interface Statement {
  readonly type: string
  readonly key?: string | undefined
  /** What ruleset 1 signs: the `msg` (form A), the whole `value` (B), the value of the feature (C). */
  readonly plain: unknown
  /** What ruleset 2 signs: the `msg` or the `dispatch`, without its own signature and nonce. */
  readonly value: unknown
  readonly nonce: string
}

/** The bytes to sign; null when there are none for this statement. */
export type SignedBytes = (statement: Statement, subnet: string) => Uint8Array | null

/** Ruleset 1: JSON as it came, directly followed by the nonce. */
export const plainBytes: SignedBytes = ({ plain, nonce }) => {
  const json: string | undefined = JSON.stringify(plain)
  return json === undefined ? null : b4a.from(json + nonce)
}

/** Ruleset 2: canonical JSON that names the subnet, the operation and its key (spec/subnet 12.2). */
export const canonicalBytes: SignedBytes = ({ type, key, value, nonce }, subnet) => {
  const json = canonicalJson({ v: 2, subnet, type, key: key ?? null, value, nonce })
  return json === null ? null : b4a.from(json)
}

/** The first of these keys that made the signature. A key that is missing has signed nothing. */
export function signerAmong(
  candidates: readonly unknown[],
  signature: string,
  message: Uint8Array
): string | null {
  for (const key of new Set(candidates)) {
    if (typeof key === 'string' && isSignature(signature) && isSignedBy(signature, message, key)) return key
  }
  return null
}

// The signature is a state key too: another spelling of it would be another key.
function isSignature(text: string): boolean {
  return /^[0-9a-f]{128}$/.test(text)
}
