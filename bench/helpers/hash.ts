import { createHash } from '#crypto'
import { toHex } from '../../src/base/hex.ts'

/** Ids are hashes and signatures: neighbours in time are none in the tree. */
export function hash(text: string): string {
  return toHex(createHash('sha256').update(text).digest())
}
