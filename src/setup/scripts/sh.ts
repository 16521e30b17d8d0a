import { shellWord } from '../../config/start-command.ts'
import type { StartPlan } from '../plan.ts'
import { type Dialect, entriesOf } from './entries.ts'
import { configComment, header, type Rendered } from './header.ts'

/** For a POSIX shell. */
export const SH: Dialect = {
  // What `$(…)` gives loses the line ends at its end.
  word: (text) => (text.endsWith('\n') ? `'${text.replaceAll("'", "'\\''")}'` : shellWord(text)),
  most: 100_000
}

export function shScript(plan: StartPlan): Rendered {
  const { entries, blobs } = entriesOf(plan, SH)
  const flags = (entries ?? []).flatMap((entry) =>
    entry.words === null
      ? [`# ${configComment(plan, entry)}`]
      : [`# ${entry.help}`, `set -- ${entry.words.join(' ')} "$@"`]
  )
  const lines = [
    '#!/bin/sh',
    ...header(plan, 'sh').map((line) => `# ${line}`.trimEnd()),
    // Of the values below, which are meant as they stand.
    '# shellcheck disable=SC1003,SC1110,SC1111,SC1112,SC2016',
    'set -eu',
    '',
    'stop() {',
    '  printf \'intercom: %s\\n\' "$1" >&2',
    '  exit 1',
    '}',
    '',
    '# The folder of the project, wherever this is called from, by a link too.',
    'script=$(readlink -f -- "$0" 2>/dev/null) || script=$0',
    'CDPATH=\'\' cd -- "$(dirname -- "$script")/.."',
    '',
    "command -v node >/dev/null 2>&1 || stop 'Node.js is not installed. Install version 20 or newer first.'",
    "major=$(node --version | tr -dc '0-9.' | cut -d. -f1)",
    '[ "$major" -ge 20 ] || stop "Node.js $major is too old. Install version 20 or newer first."',
    '{ [ -d node_modules ] && [ -f dist/src/main.js ]; } || stop "Run \\"npm install\\" in $PWD first."',
    '',
    '# Each line puts a flag in front of what was given to this script, which wins.',
    ...flags,
    '',
    '# In place of this shell, so that signals arrive.',
    'exec node scripts/launch.mjs start "$@"'
  ]
  return { content: `${lines.join('\n')}\n`, blobs }
}
