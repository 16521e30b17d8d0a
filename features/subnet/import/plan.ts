import { depthWithin } from '../../../src/base/depth.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import { quoted } from '../../../src/base/text.ts'
import { type EntryKind, entryKind, isImportable, isMovable } from '../engine/importable.ts'
import { entryBytes, SNAPSHOT, type SnapshotEntry } from '../engine/operations/snapshot.ts'
import { RULESETS } from '../engine/rules.ts'
import { KEYS } from '../engine/state-keys.ts'
import type { ImportSource } from './source.ts'

/** Around the value of an entry: operation, value, dispatch, entries, entry. */
const DEPTH_OF_ENTRIES = 5
/** What one operation holds, unless a single entry is larger. */
const USUAL = { bytes: 256 * 1024, entries: 500 } as const
/** As many keys of a kind are named. */
const MOST_NAMED = 5

const { maxEntryBytes, maxDepth } = RULESETS[2]

/** What an import will do, found out before anything is written. */
export interface ImportPlan {
  readonly moved: ReadonlyMap<EntryKind, number>
  readonly entries: number
  readonly left: ReadonlyMap<EntryKind, number>
  /** The first keys that are left out although others of their kind are moved: what stands there does not fit. */
  readonly unfit: { readonly count: number; readonly keys: readonly string[] }
  readonly admin: unknown
  readonly switches: Switches
}

/** They are not part of the snapshot: the admin sets them as usual, when it is complete. */
export interface Switches {
  readonly chat: boolean
  readonly whitelist: boolean
  readonly transactions: boolean
  readonly autoAddWriters: boolean
}

/** Throws where something would be lost that cannot be left out. */
export async function planImport(source: ImportSource): Promise<ImportPlan> {
  await assertOldRules(source)
  const moved = new Map<EntryKind, number>()
  const left = new Map<EntryKind, number>()
  const unfit: string[] = []
  let entries = 0
  let unfitCount = 0
  for await (const { key, value } of source.entries()) {
    const kind = entryKind(key)
    if (!isMovable(key)) count(left, kind)
    else if (!isImportable(key, value)) {
      unfitCount++
      if (unfit.length < MOST_NAMED) unfit.push(key)
    } else {
      assertFits(key, value)
      count(moved, kind)
      entries++
    }
  }
  if (entries === 0) {
    throw new IntercomError(
      'import_refused',
      'The state of the old subnet is empty: there is nothing to move.'
    )
  }
  return {
    ...{ moved, entries, left, unfit: { count: unfitCount, keys: unfit } },
    admin: await source.get(KEYS.admin),
    switches: {
      chat: (await source.get(KEYS.chatStatus)) === 'on',
      whitelist: (await source.get(KEYS.whitelist)) === true,
      transactions: (await source.get(KEYS.transactions)) !== false,
      autoAddWriters: (await source.get(KEYS.autoAddWriters)) === 'on'
    }
  }
}

/** The entries behind this key, as many at a time as one operation holds. */
export async function* importBatches(
  source: ImportSource,
  after: string | null
): AsyncGenerator<readonly SnapshotEntry[], void> {
  let batch: SnapshotEntry[] = []
  let bytes = 0
  for await (const { key, value } of source.entries(after)) {
    if (!isImportable(key, value)) continue
    const size = entryBytes(key, value)
    if (batch.length > 0 && (bytes + size > USUAL.bytes || batch.length === USUAL.entries)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push([key, value])
    bytes += size
  }
  if (batch.length > 0) yield batch
}

async function assertOldRules(source: ImportSource): Promise<void> {
  const chosen = (await source.get(KEYS.rulesMark)) !== null
  if (!chosen || (await source.get(KEYS.rules)) !== 2) return
  throw new IntercomError('import_refused', 'The old subnet has ruleset 2: there is nothing to move it to.', {
    next: 'Start a peer on its store as it is.'
  })
}

function assertFits(key: string, value: unknown): void {
  if (key.length > SNAPSHOT.maxKeyLength) {
    throw new IntercomError(
      'import_refused',
      `The key ${quoted(key, 300)} has ${key.length} characters; one that is moved has at most ${SNAPSHOT.maxKeyLength}.`,
      { next: 'Have the old app store it under a shorter key, then try again.' }
    )
  }
  const bytes = entryBytes(key, value)
  if (bytes > maxEntryBytes) {
    throw new IntercomError(
      'import_refused',
      `The entry ${quoted(key, 300)} has ${bytes} bytes with its value; in a new subnet one has at most ${maxEntryBytes}.`,
      { next: 'Have the old app store it in smaller parts, then try again.' }
    )
  }
  const most = maxDepth - DEPTH_OF_ENTRIES
  if (!depthWithin(value, most)) {
    throw new IntercomError(
      'import_refused',
      `The value of ${quoted(key, 300)} nests deeper than ${most} levels, which a new subnet does not take.`,
      { next: 'Have the old app store it flatter, then try again.' }
    )
  }
}

function count(kinds: Map<EntryKind, number>, kind: EntryKind): void {
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
}
