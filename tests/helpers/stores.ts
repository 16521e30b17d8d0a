import b4a from 'b4a'
import type { Assertions } from 'brittle'
import fs from '#fs'
import path from '#path'
import { type Environment, type Resolved, resolveConfig } from '../../src/config/resolve.ts'
import { temporaryFolder } from './tmp.ts'

/** A folder for stores with the given files, by their paths below it. */
export function storesFolder(t: Assertions, files: Readonly<Record<string, string>> = {}): string {
  const folder = temporaryFolder(t)
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name)
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, content)
  }
  return folder
}

/** Resolves against the stores in `folder`. */
export function resolveIn(
  folder: string,
  words: readonly string[] = [],
  environment: Environment = {}
): Resolved {
  return resolveConfig([...words, '--peer-stores-directory', folder], environment)
}

/** Resolves against one config.json of the store "peer". */
export function resolveFile(t: Assertions, content: unknown, words: readonly string[] = []): Resolved {
  return resolveIn(storesFolder(t, { 'peer/config.json': asText(content) }), words)
}

export function asText(content: unknown): string {
  return typeof content === 'string' ? content : JSON.stringify(content)
}

/** Every file and folder below `folder` with its content and time of change. */
export function snapshot(folder: string): string[] {
  return fs
    .readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const at = path.join(folder, name)
      const stat = fs.statSync(at)
      const content = stat.isDirectory() ? '' : b4a.toString(fs.readFileSync(at), 'base64')
      return [`${at} ${stat.mtimeMs} ${content}`, ...(stat.isDirectory() ? snapshot(at) : [])]
    })
}
