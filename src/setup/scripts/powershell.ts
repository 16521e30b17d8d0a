import { printable } from '../../base/text.ts'
import type { StartPlan } from '../plan.ts'
import { type Dialect, entriesOf } from './entries.ts'
import { configComment, header, type Rendered } from './header.ts'

/**
 * Within single quotes nothing is special but they themselves, and those of typesetters, which PowerShell takes for the
 * same. Double quotes, and a backslash at the end, reach a program wrongly before PowerShell 7.3.
 */
export const POWERSHELL: Dialect = {
  word: (text) =>
    printable(text) !== text || /"|\\$/.test(text) ? null : `'${text.replace(/['\u2018-\u201b]/g, '$&$&')}'`,
  most: 30_000
}

export function powershellScript(plan: StartPlan): Rendered {
  const { entries, blobs } = entriesOf(plan, POWERSHELL)
  const start =
    entries === null
      ? [
          'Stop-Start "What is asked for cannot be said in PowerShell: the folder of the stores has such a name."'
        ]
      : [
          '$flags = @(',
          ...entries.flatMap((entry) =>
            entry.words === null
              ? [`  # ${configComment(plan, entry)}`]
              : [`  # ${entry.help}`, `  ${entry.words.join(', ')}`]
          ),
          ')',
          '',
          '# What was given to this script comes last, and wins.',
          '& $node.Source scripts/launch.mjs start @flags @args',
          '$code = $LASTEXITCODE'
        ]
  const lines = [
    ...header(plan, 'ps1').map((line) => `# ${line}`.trimEnd()),
    '# Where scripts are not allowed: powershell -ExecutionPolicy Bypass -File <this file>',
    "$ErrorActionPreference = 'Stop'",
    '# An exit code other than 0 is for whoever called this.',
    '$PSNativeCommandUseErrorActionPreference = $false',
    '',
    'function Stop-Start([string] $Why) {',
    '  [Console]::Error.WriteLine("intercom: $Why")',
    '  exit 1',
    '}',
    '',
    '# The folder of the project; that of the caller is put back.',
    'Push-Location -LiteralPath (Split-Path -Parent $PSScriptRoot)',
    'try {',
    ...[
      '$node = Get-Command node -CommandType Application -TotalCount 1 -ErrorAction SilentlyContinue',
      "if (-not $node) { Stop-Start 'Node.js is not installed. Install version 20 or newer first.' }",
      '$version = & $node.Source --version',
      "if ([int] ($version -replace '^v(\\d+).*$', '$1') -lt 20) {",
      '  Stop-Start "Node.js $version is too old. Install version 20 or newer first."',
      '}',
      'if (-not ((Test-Path node_modules) -and (Test-Path dist/src/main.js))) {',
      '  Stop-Start "Run ""npm install"" in $PWD first."',
      '}',
      '',
      ...start
    ].map((line) => `  ${line}`.trimEnd()),
    '} finally {',
    '  Pop-Location',
    '}',
    ...(entries === null ? [] : ['exit $code'])
  ]
  // By the mark at the beginning Windows PowerShell knows that this is UTF-8.
  return { content: `\ufeff${lines.join('\r\n')}\r\n`, blobs }
}
