import b4a from 'b4a'
import { verifySignature } from '../../../src/base/signature.ts'

interface Known {
  readonly message: Uint8Array
  readonly key: string
}

// More than wait to be applied at a time, and 8 MiB at most.
const MOST = 2048
const LONGEST = 4096

const known = new Map<string, Known>()

/**
 * Of a signature that is good. Who made one applies it next, who was asked to pass it on has looked at it before, and
 * after each reorder the same ones come again: to check is most of what a small operation costs.
 */
export function noteSignature(signature: string, message: Uint8Array, key: string): void {
  if (message.byteLength > LONGEST) return
  known.set(signature, { message, key })
  if (known.size <= MOST) return
  const [oldest] = known.keys()
  known.delete(oldest as string)
}

/** Total, as `verifySignature` is, and of the same opinion. `message` is kept: nobody may change it. */
export function isSignedBy(signature: unknown, message: Uint8Array, key: unknown): boolean {
  if (typeof signature !== 'string' || typeof key !== 'string') return false
  const found = known.get(signature)
  if (found !== undefined && found.key === key && b4a.equals(found.message, message)) return true
  if (!verifySignature(signature, message, key)) return false
  noteSignature(signature, message, key)
  return true
}
