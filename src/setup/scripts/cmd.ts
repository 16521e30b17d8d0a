import { flagName } from '../../config/flags.ts'
import type { StartPlan } from '../plan.ts'
import { type Dialect, entriesOf } from './entries.ts'
import { configComment, header, type Rendered } from './header.ts'

/**
 * Within double quotes cmd expands nothing but %…%, once delayed expansion is off; a double quote cannot be had there,
 * and what is not ASCII depends on the code page. Programs take a backslash before a quote for a part of it.
 */
export const CMD: Dialect = {
  word(text) {
    if (/^[A-Za-z0-9._:/-]+$/.test(text)) return text
    if (!/^[ !#-~]*$/.test(text)) return null
    return `"${text.replaceAll('%', '%%').replace(/\\+$/, '$&$&')}"`
  },
  // 8191 is what it takes, with what is given to the script.
  most: 6000
}

export function cmdScript(plan: StartPlan): Rendered {
  const { entries, blobs } = entriesOf(plan, CMD)
  const start =
    entries === null
      ? [
          'echo intercom: the folder of the stores cannot be named in a cmd script. Use the .ps1 one. 1>&2',
          'exit /b 1'
        ]
      : [
          'rem The flags below, in their order:',
          ...entries.flatMap(({ key, words, help }) =>
            words === null ? [] : [comment(`  --${flagName(key)}: ${help}`)]
          ),
          ...entries.flatMap((entry) => (entry.words === null ? [comment(configComment(plan, entry))] : [])),
          'node scripts\\launch.mjs start ^',
          ...entries.flatMap(({ words }) => (words === null ? [] : [`  ${words.join(' ')} ^`])),
          '  %*',
          'exit /b %ERRORLEVEL%'
        ]
  const lines = [
    '@echo off',
    ...header(plan, 'cmd').map(comment),
    'setlocal EnableExtensions DisableDelayedExpansion',
    '',
    'rem The folder of the project; that of the caller is put back at the end.',
    'cd /d "%~dp0.." || exit /b 1',
    '',
    'where node >nul 2>nul || goto nonode',
    'set "major=0"',
    'for /f "tokens=1 delims=v." %%v in (\'node --version\') do set "major=%%v"',
    'if %major% LSS 20 goto oldnode',
    'if not exist node_modules\\ goto uninstalled',
    'if not exist dist\\src\\main.js goto uninstalled',
    '',
    ...start,
    '',
    ':nonode',
    'echo intercom: Node.js is not installed. Install version 20 or newer first. 1>&2',
    'exit /b 1',
    '',
    ':oldnode',
    'echo intercom: Node.js %major% is too old. Install version 20 or newer first. 1>&2',
    'exit /b 1',
    '',
    ':uninstalled',
    'echo intercom: Run "npm install" in "%CD%" first. 1>&2',
    'exit /b 1'
  ]
  return { content: `${lines.join('\r\n')}\r\n`, blobs }
}

/** The rest of such a line is skipped, but only once %…% in it was expanded; at its end a caret would join the next. */
function comment(line: string): string {
  const text = line
    .replace(/[^ -~]/gu, '?')
    .replaceAll('%', '%%')
    .replace(/[\^ ]+$/, '')
  return `rem ${text}`
}
