import { createHash } from '#crypto'
import fs from '#fs'
import path from '#path'
import { IntercomError, messageOf, systemCode } from '../base/errors.ts'
import { replaceFile } from '../base/replace-file.ts'
import { readSmallFile } from '../base/small-file.ts'
import { quoted } from '../base/text.ts'
import type { GeneratedFile } from './plan.ts'

/**
 * Files that we make and that people may change. The line "sha256 …" within a file tells what its content was when we
 * made it; a file that is nothing but a value has a file `<name>.sha256` beside it, as of the program sha256sum.
 */

const SEAL = /\bsha256 ([0-9a-f]{64})\b/
const UNSEALED = '0'.repeat(64)
const SEAL_END = '.sha256'
/** For the header of a file that is then sealed. */
export const SEAL_LINE = `sha256 ${UNSEALED}`

export interface Written {
  readonly path: string
  /** Kept: a person has changed what we would write again. */
  readonly outcome: 'made' | 'unchanged' | 'replaced' | 'kept-because-changed-by-hand' | 'removed'
}

/** Puts the hash of the content where `SEAL_LINE` stands in it. */
export function sealed(content: string): string {
  return content.replace(SEAL, `sha256 ${hashOf(content)}`)
}

/**
 * Writes all of them, or none: where a person changed a file and we have something new for it, nothing is written
 * unless forced.
 */
export function writeGenerated(
  files: readonly GeneratedFile[],
  { force }: { readonly force: boolean }
): Written[] {
  const written = files.map((file) => ({ file, outcome: outcomeFor(file, force) }))
  const changed = written.filter(({ outcome }) => outcome === 'conflict').map(({ file }) => file.path)
  if (changed.length > 0) {
    const names = changed.map((name) => quoted(name, 300)).join(', ')
    throw new IntercomError('changed_by_hand', `Changed by hand since it was made: ${names}.`)
  }
  return written.map(({ file, outcome }) => {
    if (outcome !== 'kept-because-changed-by-hand') write(file, outcome === 'unchanged')
    return { path: file.path, outcome: outcome as Written['outcome'] }
  })
}

/** Removes the values in this folder that we made, nobody changed, and nothing names any more. */
export function removeUnnamed(folder: string, isNamed: (name: string) => boolean): Written[] {
  const names = list(folder).flatMap((name) =>
    name.endsWith(SEAL_END) ? [name.slice(0, -SEAL_END.length)] : []
  )
  return names.flatMap((name) => {
    const file = path.join(folder, name)
    const there = isNamed(name) ? null : read(file)
    if (there === null || sealBeside(file) !== hashOf(there)) return []
    remove(file)
    return [{ path: file, outcome: 'removed' }]
  })
}

function outcomeFor(file: GeneratedFile, force: boolean): Written['outcome'] | 'conflict' {
  const there = read(file.path)
  if (there === null) return 'made'
  if (there === file.content) return 'unchanged'
  if (force) return 'replaced'
  const seal = isSealed(file.content) ? sealWithin(there) : sealBeside(file.path)
  if (seal === hashOf(there)) return 'replaced'
  // It was changed, but there is nothing new to put in its place.
  return seal !== null && seal === hashOf(file.content) ? 'kept-because-changed-by-hand' : 'conflict'
}

/** What the content was when we made it; null when nothing says that we did. */
function sealWithin(content: string): string | null {
  return SEAL.exec(content)?.[1] ?? null
}

function sealBeside(file: string): string | null {
  return /^([0-9a-f]{64}) /.exec(read(sealFile(file)) ?? '')?.[1] ?? null
}

/** A value may happen to look as if there were a hash in it. */
function isSealed(content: string): boolean {
  return sealWithin(content) === hashOf(content)
}

/** Without the hash that stands in it. What an editor, or Git, does to line ends is no change. */
function hashOf(content: string): string {
  const plain = content.replaceAll('\r\n', '\n').replace(SEAL, SEAL_LINE)
  return createHash('sha256').update(plain).digest('hex') as string
}

function sealFile(file: string): string {
  return `${file}${SEAL_END}`
}

function read(file: string): string | null {
  try {
    // Not by way of readSmallFile alone, which leaves out a mark at the beginning.
    readSmallFile(file)
    return fs.readFileSync(file, 'utf-8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw refused(file, error)
  }
}

function write({ path: file, content, mode }: GeneratedFile, isThere: boolean): void {
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true })
    if (!isThere) replaceFile(file, content, mode)
    // Somebody may have copied it without.
    else fs.chmodSync(file, mode)
    if (!isSealed(content)) replaceFile(sealFile(file), `${hashOf(content)}  ${path.basename(file)}\n`, 0o644)
  } catch (error) {
    throw refused(file, error)
  }
}

function list(folder: string): string[] {
  try {
    return fs.readdirSync(folder)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw refused(folder, error)
  }
}

function remove(file: string): void {
  try {
    // The hash last: without it nobody would know the file for ours.
    for (const each of [file, sealFile(file)]) fs.rmSync(each)
  } catch (error) {
    throw refused(file, error)
  }
}

function refused(file: string, error: unknown): IntercomError {
  const why = systemCode(error) ?? messageOf(error)
  return new IntercomError('setup_unwritable', `Cannot write ${quoted(file, 300)} (${why}).`, {
    cause: error
  })
}
