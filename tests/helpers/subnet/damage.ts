import fs from '#fs'
import path from '#path'
import { toHex } from '../../../src/base/hex.ts'
import type { OpenMember } from './member.ts'

/** Where the database of a member's store is. */
export function databaseOf(folder: string): string {
  return path.join(folder, 'peer', 'db')
}

/** What the database has written since it was opened; it is taken in, and checked, at the next opening. */
export function cutNewestLog(folder: string, share = 0.6): void {
  const db = databaseOf(folder)
  const newest = fs
    .readdirSync(db)
    .filter((name) => name.endsWith('.log'))
    .sort()
    .at(-1)
  if (newest === undefined) throw new Error(`there is no log in ${db}`)
  const file = path.join(db, newest)
  fs.truncateSync(file, Math.floor(fs.statSync(file).size * share))
}

export function removeMark(folder: string): void {
  fs.unlinkSync(path.join(folder, 'peer', 'subnet-written'))
}

/** All files of a database, to be put back as often as it is damaged. The folder itself must stay where it is. */
export function keepDatabase(folder: string): () => void {
  const db = databaseOf(folder)
  const files = new Map(fs.readdirSync(db).map((name) => [name, fs.readFileSync(path.join(db, name))]))
  return () => {
    for (const name of fs.readdirSync(db)) fs.unlinkSync(path.join(db, name))
    for (const [name, content] of files) fs.writeFileSync(path.join(db, name), content)
  }
}

/**
 * What the database of an open member has at one moment of its next batch: `before` it is noted that it was applied,
 * or `after` that. To be put back when the member is closed.
 */
export function keepTornDatabase({ desk, folder }: OpenMember, when: 'before' | 'after'): () => void {
  const { _applyState: state } = desk.subnet.base as unknown as {
    _applyState: { localState: { flush(): Promise<void> } }
  }
  const flush = state.localState.flush
  let restore: (() => void) | null = null
  state.localState.flush = async function () {
    if (when === 'before') restore ??= keepDatabase(folder)
    await flush.call(this)
    restore ??= keepDatabase(folder)
  }
  return () => {
    if (restore === null) throw new Error('there was no batch')
    restore()
  }
}

export type Damage = 'cut' | 'zeroed' | 'garbled'

const BLOCK = 512

/** Damages a file from this place on. */
export function damage(file: string, kind: Damage, at: number): void {
  const content = fs.readFileSync(file)
  const end = Math.min(content.byteLength, at + BLOCK)
  for (let i = at; i < end; i++) content[i] = kind === 'zeroed' ? 0 : (content[i] ?? 0) ^ (1 + (i % 255))
  fs.writeFileSync(file, kind === 'cut' ? content.subarray(0, at) : content)
}

/** Length and hash of the view, for comparison. */
export async function viewOf({ desk }: OpenMember): Promise<string> {
  const { core } = desk.subnet.base.view
  return `${core.length} ${toHex(await core.treeHash())}`
}

/** A subnet with its admin and its chat. */
export async function beginSubnet({ desk, node }: OpenMember): Promise<void> {
  await desk.operate('add_admin', { address: node.key })
  await desk.operate('set_chat_status', { enabled: 1 })
}

export async function say({ desk }: OpenMember, count: number, words = 'message'): Promise<void> {
  for (let n = 0; n < count; n++) await desk.post({ message: `${words} ${n}` })
}
