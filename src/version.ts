import fs from '#fs'

/** The version in package.json, two folders above the compiled file. */
export function readVersion(): string {
  const file = fs.readFileSync(new URL('../../package.json', import.meta.url), 'utf-8')
  return (JSON.parse(file) as { version: string }).version
}
