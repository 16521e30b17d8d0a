import type { Flag } from '../../src/config/start-command.ts'
import type { StartPlan } from '../../src/setup/plan.ts'

/** Text that means something to a shell, to PowerShell, to cmd, or to all of them. */
export const NASTY: readonly string[] = [
  'a b',
  `it's`,
  'say "hi"',
  '$(touch pwned) $HOME',
  '`touch pwned`',
  '%PATH%',
  '100%',
  '!x!',
  'a^b & c | d < e > f; g',
  '(a) {b} [c] * ? ~ #',
  'one\ntwo',
  'end\n',
  '🎈 ünï ‘q’ “d”',
  '-dash',
  '--dashes',
  '@at',
  'back\\',
  'back \\\\',
  "'; rm -rf / #"
]

export function planOf(project: string, flags: readonly Flag[], change: Partial<StartPlan> = {}): StartPlan {
  return {
    project,
    peer: 'alice',
    storesDirectory: 'stores',
    flags,
    regenerate: 'npm start -- init alice',
    ...change
  }
}
