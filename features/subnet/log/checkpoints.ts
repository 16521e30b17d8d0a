import type Autobase from 'autobase'
import type { Checkpoint, CheckpointSignature } from 'autobase'
import b4a from 'b4a'
import { type Hex32, hex32, toHex } from '../../../src/base/hex.ts'
import { verifySignature } from '../../../src/base/signature.ts'

/** What every peer that has got so far has in common, as it was at the end of an update. */
export interface Fixed {
  /** Of the core of the members, another one whenever the indexers change. */
  readonly key: Uint8Array
  /** Up to here the order of the log is final. Whoever signs something else for it has computed something else. */
  readonly length: number
}

/** What the indexers' latest signatures say of the state that this peer computed. */
export interface Comparison {
  /** How many of them it takes to confirm. */
  readonly quorum: number
  readonly agreeing: number
  /** By the keys they write with. */
  readonly differing: readonly Hex32[]
  /** The core in which a quorum of them has the members; null where they do not say the same. */
  readonly theirs: Uint8Array | null
}

type Verdict = 'agrees' | 'differs' | 'unknown'

const SIGNATURE_BYTES = 64

export function fixedIn(base: Autobase): Fixed | null {
  const { key } = base.core
  return key === null ? null : { key, length: base.indexedLength }
}

/**
 * Each indexer signs the hash of its state whenever it appends: that of the members and that of the view. Autobase
 * only puts together the signatures that fit; here are looked at those that do not. Null: the state is being taken
 * over from others, or was meanwhile.
 */
export async function compareCheckpoints(base: Autobase, fixed: Fixed): Promise<Comparison | null> {
  const applying = base._applyState
  if (applying === null || !isStill(base, fixed)) return null
  const { checkpoints } = applying
  const quorum = Math.floor(checkpoints.length / 2) + 1
  const differing: Checkpoint[] = []
  let agreeing = 0
  const hasMoved = () => base._applyState !== applying || !isStill(base, fixed)
  for (const checkpoint of [...checkpoints]) {
    let verdict: Verdict
    try {
      verdict = await verdictOf(checkpoint, base, fixed)
    } catch (error) {
      // What was being looked at is gone then.
      if (hasMoved()) return null
      throw error
    }
    if (hasMoved()) return null
    if (verdict === 'differs') differing.push(checkpoint)
    if (verdict === 'agrees') agreeing++
  }
  const differingKeys = differing.map(({ core }) => hex32(core.key))
  return { quorum, agreeing, differing: differingKeys, theirs: commonCore(differing, quorum) }
}

function commonCore(checkpoints: readonly Checkpoint[], quorum: number): Uint8Array | null {
  const keys = checkpoints.flatMap(({ digest }) => (digest === null ? [] : [digest.key]))
  const shared = (key: Uint8Array) => keys.filter((other) => b4a.equals(other, key)).length
  return keys.find((key) => shared(key) >= quorum) ?? null
}

function isStill(base: Autobase, { key }: Fixed): boolean {
  return !base.isFastForwarding() && base.closing === null && sameKey(base.core.key, key)
}

/** What is signed by a quorum needs no look: it is here because its hash is the same. */
async function verdictOf(checkpoint: Checkpoint, base: Autobase, fixed: Fixed): Promise<Verdict> {
  const { digest, signatures, signer } = checkpoint
  const { system, user } = signatures
  if (digest === null || system === null) return 'unknown'
  // Further than this peer is, or than it is since it took over a state: nothing is known of that yet.
  if (system.length > Math.min(fixed.length, base.indexedLength)) return 'unknown'
  // Past the last change of the indexers there is one core only. Before it, it may not have come to that change.
  if (!sameKey(digest.key, fixed.key)) return system.length > base.core.signedLength ? 'differs' : 'unknown'
  const parts = [
    { core: base.core, signed: system },
    { core: base.view.core, signed: user[0] ?? null }
  ]
  for (const { core, signed } of parts) {
    if (signed === null || signed.length <= core.signedLength) continue
    if (!(await isSigned(core, signed, signer))) return 'differs'
  }
  return 'agrees'
}

type StateCore = Autobase['core'] | Autobase['view']['core']

async function isSigned(
  core: StateCore,
  { length, signature }: CheckpointSignature,
  signer: number
): Promise<boolean> {
  const publicKey = core.manifest?.signers[signer]?.publicKey
  if (publicKey === undefined || length > core.length || signature.byteLength !== SIGNATURE_BYTES)
    return false
  return verifySignature(toHex(signature), await core.signable(length, 0), toHex(publicKey))
}

function sameKey(a: Uint8Array | null, b: Uint8Array): boolean {
  return a !== null && b4a.equals(a, b)
}
