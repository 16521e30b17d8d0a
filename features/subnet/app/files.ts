import b4a from 'b4a'
import fs from '#fs'
import path from '#path'
import { blake3Hex } from '../../../src/app/payloads.ts'
import { IntercomError } from '../../../src/base/errors.ts'
import { type Hex32, hex32 } from '../../../src/base/hex.ts'
import { PROJECT, withinProject } from '../../../src/base/project.ts'
import { quoted } from '../../../src/base/text.ts'
import { blank } from '../engine/blank.ts'

const PAIR = ['contract', 'protocol'] as const

/** Where the files of an app are: those that people write, and those that run. */
export interface AppFiles {
  readonly folder: string
  /** The same folder, unless the app is written in TypeScript. */
  readonly built: string
  readonly extension: '.js' | '.ts'
}

export interface SourceFile {
  /** Within the app's folder, with slashes on every system. */
  readonly name: string
  /** With one kind of line end, so that it is the same on every system. */
  readonly text: string
}

/** A pair in JavaScript runs as it is, and is taken before one that has to be compiled. */
export function findApp(named: string | null, project = PROJECT): AppFiles {
  const folder = realFolder(named ?? path.join(project, 'contract'))
  if (hasPair(folder, '.js')) return { folder, built: folder, extension: '.js' }
  if (!hasPair(folder, '.ts')) {
    throw new IntercomError('app_missing', `There is no contract and protocol in ${quoted(folder, 300)}.`)
  }
  const within = withinProject(folder, fs.realpathSync(project))
  if (within === null) {
    throw new IntercomError(
      'app_missing',
      `${quoted(folder, 300)} is not compiled: it is outside the project.`,
      {
        next: `Move it to ${quoted(path.join(project, 'examples'), 300)} and run "npm run build", or write it in JavaScript.`
      }
    )
  }
  return { folder, built: path.join(project, 'dist', within), extension: '.ts' }
}

/** Of the app that came with the project. */
export const SAMPLE = 'e2cb88303ea4a247094bedb2d94e605053276fbae82d97ba0ef770078296c1ee'

/** The folder of an app that somebody wrote; null for the sample, which does load. */
export function foreignApp(named: string | null, project = PROJECT): string | null {
  if (named !== null) return named
  const own = path.join(project, 'contract')
  if (hasPair(own, '.js')) return own
  return hasPair(own, '.ts') && hashSources(sourcesOf(own, '.ts')) !== SAMPLE ? own : null
}

function realFolder(named: string): string {
  if (!fs.existsSync(named)) {
    throw new IntercomError('app_missing', `There is no folder ${quoted(named, 300)}.`)
  }
  return fs.realpathSync(named)
}

function hasPair(folder: string, extension: string): boolean {
  return PAIR.every((name) => fs.existsSync(path.join(folder, name + extension)))
}

/** Of the whole app. */
export function sourcesOf(folder: string, extension: AppFiles['extension']): SourceFile[] {
  return readSources(
    folder,
    PAIR.map((name) => name + extension)
  )
}

/** A file of the app and all that it imports relatively within the app's folder, sorted by name. */
export function readSources(folder: string, entries: readonly string[]): SourceFile[] {
  const read = new Map<string, string>()
  const waiting = [...entries]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (read.has(name)) continue
    const file = path.join(folder, name)
    if (!fs.statSync(file).isFile())
      throw new IntercomError('app_broken', `${quoted(file, 300)} is not a file.`)
    const text = fs.readFileSync(file, 'utf-8').replace(/\r\n?/g, '\n')
    read.set(name, text)
    for (const { from } of importsOf(text)) waiting.push(...resolveWithin(folder, name, from))
  }
  const sources = [...read].map(([name, text]) => ({ name, text }))
  return sources.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** The same for the same app wherever it lies: blake3 over the JSON of [name, text] of every file. */
export function hashSources(sources: readonly SourceFile[]): Hex32 {
  const json = JSON.stringify(sources.map(({ name, text }) => [name, text]))
  return hex32(b4a.from(blake3Hex(b4a.from(json)), 'hex'))
}

/** What was changed after it was compiled would be hashed as it is and run as it was. */
export function assertBuilt({ folder, built, extension }: AppFiles, sources: readonly SourceFile[]): void {
  if (extension === '.js') return
  for (const { name } of sources) {
    const source = path.join(folder, name)
    const compiled = path.join(built, name.replace(/\.ts$/, '.js'))
    if (!fs.existsSync(compiled)) {
      throw new IntercomError('app_missing', `${quoted(source, 300)} is not compiled.`, {
        next: 'Run "npm run build". It compiles contract/ and examples/.'
      })
    }
    if (fs.statSync(source).mtimeMs > fs.statSync(compiled).mtimeMs) {
      throw new IntercomError('app_broken', `${quoted(source, 300)} was changed after it was compiled.`, {
        next: 'Run "npm run build".'
      })
    }
  }
}

export interface Import {
  readonly from: string
  readonly line: number
}

const STATEMENT =
  /\b(?:import|export)\b(?!\s+type\b(?!\s*,|\s+from\b))(?:(?:(?!\b(?:import|export)\b)[^'"`;()])*?\bfrom)?\s*(['"])[^'"\n]+\1/g
const CALL = /\b(?:import|require)\s*\(\s*(['"`])[^'"`\n]+\1/g

/** What is there when the code runs: imports of types alone are not. */
export function importsOf(source: string): Import[] {
  const code = blank(source)
  return [STATEMENT, CALL].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => {
      const [text, quote = ''] = match
      const end = match.index + text.length - 1
      return {
        from: source.slice(code.lastIndexOf(quote, end - 1) + 1, end),
        line: code.slice(0, end).split('\n').length
      }
    })
  )
}

/** From the app's folder, or null for the name of a package. */
export function targetOf(importer: string, from: string): string | null {
  return /^\.\.?\//.test(from) ? path.posix.join(path.posix.dirname(importer), from) : null
}

/** The file that a relative import names, if it is one of the app's folder. */
function resolveWithin(folder: string, importer: string, from: string): string[] {
  const target = targetOf(importer, from)
  if (target === null || target.startsWith('../')) return []
  // In TypeScript a file may also be called what it is compiled to.
  const names = [target, target.replace(/\.js$/, '.ts'), `${target}.js`]
  const found = names.find((name) => isFile(path.join(folder, name)))
  // One that is not there fails when the app is loaded.
  return found === undefined ? [] : [found]
}

function isFile(file: string): boolean {
  return fs.existsSync(file) && fs.statSync(file).isFile()
}
