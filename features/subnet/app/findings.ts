import path from '#path'
import { PROJECT } from '../../../src/base/project.ts'
import { printable } from '../../../src/base/text.ts'
import { findOutside } from '../engine/source-check.ts'
import { importsOf, type SourceFile, targetOf } from './files.ts'

/** A place where a contract names something that differs between peers. */
export interface AppFinding {
  readonly file: string
  readonly name: string
  readonly line: number
}

const MOST_SHOWN = 10

// What any other package does, the guard of running contracts does not see, and the hash of the app does not cover.
const KNOWN = /^(?:intercom\/app|trac-peer(?:\/.*)?)$/

/** What apps are written against, for those of the project that name the files themselves. */
const BASES = path.join(PROJECT, 'src', 'app') + path.sep
const COMPILED_BASES = path.join(PROJECT, 'dist', 'src', 'app') + path.sep

/** Of a contract and all that it imports within its folder. */
export function findingsOf(folder: string, sources: readonly SourceFile[]): AppFinding[] {
  return sources.flatMap(({ name: file, text }) => {
    const imported = importsOf(text).filter(({ from }) => isOutside(folder, file, from))
    const found = [
      ...findOutside(text),
      ...imported.map(({ from, line }) => ({ name: `import of ${from}`, line }))
    ]
    return found.sort((a, b) => a.line - b.line).map(({ name, line }) => ({ file, name, line }))
  })
}

/** A package, or a file that the hash of the app does not cover. */
function isOutside(folder: string, importer: string, from: string): boolean {
  const target = targetOf(importer, from)
  if (target === null) return !KNOWN.test(from) && !isBase(from)
  return target.startsWith('../') && !path.resolve(folder, target).startsWith(BASES)
}

/** Apps may name what they are written against by its file, too. */
function isBase(from: string): boolean {
  return from.startsWith('file:') && new URL(from).pathname.startsWith(COMPILED_BASES)
}

/** One line: "Date (contract.ts, line 3), Math.random (contract.ts, line 9) and 2 more". */
export function findingsText(findings: readonly AppFinding[]): string {
  const shown = findings.slice(0, MOST_SHOWN)
  const text = shown.map(({ file, name, line }) => `${name} (${file}, line ${line})`).join(', ')
  const more = findings.length - shown.length
  return printable(more > 0 ? `${text} and ${more} more` : text)
}
