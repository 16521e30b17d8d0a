import b4a from 'b4a'
import process from '#process'
import { spawnSync } from '#subprocess'
import { programFile } from '../../src/base/program-file.ts'

/** Runs a program of the system to its end; null where there is none of that name. */
export function runTool(
  name: string,
  args: readonly string[]
): { status: number | null; output: string; errors: string } | null {
  const file = programFile(name, process.env.PATH)
  if (file === null) return null
  const { status, stdout, stderr } = spawnSync(file, [...args])
  const [output, errors] = [stdout, stderr].map((bytes) => b4a.toString(bytes as Uint8Array))
  return { status, output: output ?? '', errors: errors ?? '' }
}
