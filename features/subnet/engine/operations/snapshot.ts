import b4a from 'b4a'
import * as v from 'valibot'
import { anything, key, natural, object, text } from '../fields.ts'
import { isImportable } from '../importable.ts'
import type { Rules } from '../rules.ts'
import type { State } from '../state.ts'
import { KEYS } from '../state-keys.ts'
import { adminOnly, formB, namesItsType, signedB } from './forms.ts'
import { operation } from './operation.ts'

/**
 * The state of another subnet, moved here by the admin in as many operations as it takes: `snapshot` with entries
 * in the order of their keys, each going on where the one before it ended, and `snapshotDone`.
 */
export const SNAPSHOT = {
  maxBytes: 2 * 1024 * 1024,
  maxEntries: 1000,
  maxKeyLength: 4096
} as const

/** One state of one subnet. */
const source = object({ subnet: key, length: natural, treeHash: key })
export type SnapshotSource = v.InferOutput<typeof source>

const stateKey = text(1, SNAPSHOT.maxKeyLength)
const entry = v.strictTuple([stateKey, anything])
export type SnapshotEntry = v.InferOutput<typeof entry>

/** What the state has about it. */
export interface SnapshotRecord {
  readonly source: SnapshotSource
  readonly entries: number
  /** The last key so far. */
  readonly last: string
  readonly done: boolean
}

export const snapshot = operation(
  () =>
    signedB({
      source,
      after: v.nullable(stateKey),
      entries: v.pipe(v.array(entry), v.minLength(1), v.maxLength(SNAPSHOT.maxEntries)),
      address: key
    }),
  {
    maxBytes: () => SNAPSHOT.maxBytes,
    sound(op, rules) {
      const { after, entries } = op.value.dispatch
      return (
        rules.version >= 2 &&
        namesItsType(op, rules) &&
        isInOrder(after, entries) &&
        entries.every((item) => isAllowed(item, rules))
      )
    },
    form: formB,
    signers: adminOnly,
    async ready({ value }, { state }) {
      const { source, after } = value.dispatch
      const record = await snapshotRecord(state)
      if (!(await isUnused(state))) return false
      if (record === null) return after === null
      return !record.done && record.last === after && isSame(record.source, source)
    },
    async apply({ value }, { state, emit }) {
      const { source, entries } = value.dispatch
      const before = (await snapshotRecord(state))?.entries ?? 0
      for (const [key, value] of entries) await state.put(key, value)
      const [last] = entries[entries.length - 1] as SnapshotEntry
      const record: SnapshotRecord = { source, entries: before + entries.length, last, done: false }
      await state.put(KEYS.snapshot, record)
      emit({ op: 'snapshot', line: null, details: { source, entries: record.entries } })
    }
  }
)

export const snapshotDone = operation(() => signedB({ source, entries: natural, address: key }), {
  sound: (op, rules) => rules.version >= 2 && namesItsType(op, rules),
  form: formB,
  signers: adminOnly,
  async ready({ value }, { state }) {
    const { source, entries } = value.dispatch
    const record = await snapshotRecord(state)
    return record !== null && !record.done && record.entries === entries && isSame(record.source, source)
  },
  async apply({ value }, { state, emit }) {
    const { source, entries } = value.dispatch
    const record = (await snapshotRecord(state)) as SnapshotRecord
    await state.put(KEYS.snapshot, { ...record, done: true } satisfies SnapshotRecord)
    const { subnet, length, treeHash } = source
    const line = `Imported ${entries} entries of the subnet ${subnet} (length ${length}, tree hash ${treeHash})`
    emit({ op: 'snapshotDone', line, details: { source, entries } })
  }
})

/** Null where no snapshot was begun. */
export async function snapshotRecord(state: State): Promise<SnapshotRecord | null> {
  return (await state.record(KEYS.snapshot)) as SnapshotRecord | null
}

/** Nothing that a snapshot could be in the way of: no chat was ever switched on, and no transaction was run. */
export async function isUnused(state: State): Promise<boolean> {
  return !(await state.has(KEYS.chatStatus)) && !(await state.has(KEYS.txs))
}

/** As the keys of the view are ordered: by their bytes. */
function isInOrder(after: string | null, entries: readonly SnapshotEntry[]): boolean {
  let before = after === null ? null : b4a.from(after)
  for (const [key] of entries) {
    const bytes = b4a.from(key)
    if (before !== null && b4a.compare(before, bytes) >= 0) return false
    before = bytes
  }
  return true
}

function isAllowed([key, value]: SnapshotEntry, { maxEntryBytes }: Rules): boolean {
  return isImportable(key, value) && entryBytes(key, value) <= maxEntryBytes
}

export function entryBytes(key: string, value: unknown): number {
  return b4a.byteLength(key) + b4a.byteLength(JSON.stringify(value))
}

function isSame(a: SnapshotSource, b: SnapshotSource): boolean {
  return a.subnet === b.subnet && a.length === b.length && a.treeHash === b.treeHash
}
