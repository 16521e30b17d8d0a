import path from '#path'
import { printable } from '../../src/base/text.ts'
import { importsOf, PROJECT, type SourceFile, targetOf } from './app-files.ts'
import { findOutside } from './engine/source-check.ts'

/** A place where a contract names something that differs between peers. */
export interface AppFinding {
  readonly file: string
  readonly name: string
  readonly line: number
}

const MOST_SHOWN = 10

// What an import brings in, the guard of running contracts does not see.
const RUNTIME =
  /^(?:node:|bare-|#|(?:child_process|cluster|crypto|dgram|dns|fs|http|http2|https|inspector|net|os|path|perf_hooks|process|timers|tls|vm|worker_threads)(?:\/|$))/

/** What apps are written against, for those of the project that name the files themselves. */
const BASES = path.join(PROJECT, 'src', 'app') + path.sep

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

/** A module of the runtime, or a file that the hash of the app does not cover. */
function isOutside(folder: string, importer: string, from: string): boolean {
  const target = targetOf(importer, from)
  if (target === null) return RUNTIME.test(from)
  return target.startsWith('../') && !path.resolve(folder, target).startsWith(BASES)
}

/** One line: "Date (contract.ts, line 3), Math.random (contract.ts, line 9) and 2 more". */
export function findingsText(findings: readonly AppFinding[]): string {
  const shown = findings.slice(0, MOST_SHOWN)
  const text = shown.map(({ file, name, line }) => `${name} (${file}, line ${line})`).join(', ')
  const more = findings.length - shown.length
  return printable(more > 0 ? `${text} and ${more} more` : text)
}
