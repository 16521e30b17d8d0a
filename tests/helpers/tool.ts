import b4a from 'b4a'
import { spawnSync } from '#subprocess'
import { systemCode } from '../../src/base/errors.ts'

/** Runs a program of the system to its end; null where there is none of that name. */
export function runTool(
  program: string,
  args: readonly string[]
): { status: number | null; output: string; errors: string } | null {
  try {
    const { status, stdout, stderr, error } = spawnSync(program, [...args])
    if (systemCode(error) === 'ENOENT') return null
    const [output, errors] = [stdout, stderr].map((bytes) => b4a.toString(bytes as Uint8Array))
    return { status, output: output ?? '', errors: errors ?? '' }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}
