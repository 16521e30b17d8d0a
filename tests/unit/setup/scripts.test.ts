import test from 'brittle'
import fs from '#fs'
import path from '#path'
import type { Flag } from '../../../src/config/start-command.ts'
import { CMD } from '../../../src/setup/scripts/cmd.ts'
import { POWERSHELL } from '../../../src/setup/scripts/powershell.ts'
import { SH } from '../../../src/setup/scripts/sh.ts'
import { startScripts } from '../../../src/setup/scripts/start-scripts.ts'
import { NASTY, planOf } from '../../helpers/plan.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'
import { runTool } from '../../helpers/tool.ts'

/** How each text stands in each kind of script; null: it does not. */
const GOLDEN: readonly (readonly [
  text: string,
  sh: string,
  powershell: string | null,
  cmd: string | null
])[] = [
  ['alice', 'alice', `'alice'`, 'alice'],
  ['a b', `'a b'`, `'a b'`, '"a b"'],
  [`it's`, `'it'\\''s'`, `'it''s'`, `"it's"`],
  ['say "hi"', `'say "hi"'`, null, null],
  ['$(x) $z', `'$(x) $z'`, `'$(x) $z'`, '"$(x) $z"'],
  ['`x`', "'`x`'", "'`x`'", '"`x`"'],
  ['%PATH% 100%', `'%PATH% 100%'`, `'%PATH% 100%'`, '"%%PATH%% 100%%"'],
  ['!x!', `'!x!'`, `'!x!'`, '"!x!"'],
  ['^ & | < >', `'^ & | < >'`, `'^ & | < >'`, '"^ & | < >"'],
  ['one\ntwo', `"$(printf 'one\\012two')"`, null, null],
  ['end\n', `'end\n'`, null, null],
  ['🎈', `'🎈'`, `'🎈'`, null],
  ['‘q’ “d”', `'‘q’ “d”'`, `'‘‘q’’ “d”'`, null],
  ['-dash', '-dash', `'-dash'`, '-dash'],
  ['@at', '@at', `'@at'`, '"@at"'],
  ['back\\', `'back\\'`, null, '"back\\\\"'],
  ['b \\\\', `'b \\\\'`, null, '"b \\\\\\\\"'],
  ['a\\b', `'a\\b'`, `'a\\b'`, '"a\\b"'],
  ['a,b;c=d', `'a,b;c=d'`, `'a,b;c=d'`, '"a,b;c=d"']
]

test('how words stand in each kind of script', (t) => {
  for (const [text, sh, powershell, cmd] of GOLDEN) {
    t.is(SH.word(text), sh, `sh: ${JSON.stringify(text)}`)
    t.is(POWERSHELL.word(text), powershell, `PowerShell: ${JSON.stringify(text)}`)
    t.is(CMD.word(text), cmd, `cmd: ${JSON.stringify(text)}`)
  }
})

/** The three scripts, and the files beside them, by what their names end with. */
function scriptsOf(flags: readonly Flag[], change = {}): Record<string, string> {
  const folder = path.join('/', 'project')
  return Object.fromEntries(
    startScripts(planOf(folder, flags, change)).map(({ path: file, content }) => [
      path.relative(path.join(folder, 'scripts'), file).replace(/^start-alice\.(?!d)/, ''),
      content
    ])
  )
}

const FLAGS: readonly Flag[] = [
  ['logLevel', 'warn'],
  ['sidechannels', `lobby,it's "here" & 100%`],
  ['scBridgeToken', 'a-secret-of-mine'],
  ['subnetChannel', 'two\nlines'],
  ['sidechannelWelcome', `plaza:${'x'.repeat(300)}`]
]

test('a flag a line, each with its meaning, and what cannot stand there comes from elsewhere', (t) => {
  const scripts = scriptsOf(FLAGS)
  const { sh = '', ps1 = '', cmd = '' } = scripts
  const blobs = ['sidechannel-welcome.txt', 'sidechannels.txt'].map((name) =>
    path.join('start-alice.d', name)
  )
  t.alike(Object.keys(scripts).sort(), ['cmd', 'ps1', 'sh', ...blobs].sort())
  t.is(scripts[blobs[0] ?? ''], `plaza:${'x'.repeat(300)}\n`)
  t.is(scripts[blobs[1] ?? ''], `lobby,it's "here" & 100%\n`)
  t.absent(JSON.stringify(scripts).includes('a-secret-of-mine'), 'a secret is in none of them')

  t.alike(between(sh, '# Each line puts', '# In place of'), [
    "# Name of this peer's local store.",
    'set -- --peer-store-name alice "$@"',
    '# Least important log lines to show.',
    'set -- --log-level warn "$@"',
    '# Extra sidechannels to join at start.',
    `set -- --sidechannels 'lobby,it'\\''s "here" & 100%' "$@"`,
    '# --sc-bridge-token is not here but in config.json of the store "alice": it is a secret.',
    '# Name of the subnet (default: a random one, kept in the store).',
    `set -- --subnet-channel "$(printf 'two\\012lines')" "$@"`,
    '# Signed welcome of channels (base64, JSON or @file).',
    'set -- --sidechannel-welcome @scripts/start-alice.d/sidechannel-welcome.txt "$@"'
  ])
  const elsewhere = 'is not here but in config.json of the store "alice":'
  const unsafe = `--subnet-channel ${elsewhere} this kind of script cannot hold its value safely.`
  t.alike(between(ps1, '  $flags = @(', '  )'), [
    "# Name of this peer's local store.",
    `'--peer-store-name', 'alice'`,
    '# Least important log lines to show.',
    `'--log-level', 'warn'`,
    '# Extra sidechannels to join at start.',
    `'--sidechannels', '@scripts/start-alice.d/sidechannels.txt'`,
    `# --sc-bridge-token ${elsewhere} it is a secret.`,
    `# ${unsafe}`,
    '# Signed welcome of channels (base64, JSON or @file).',
    `'--sidechannel-welcome', '@scripts/start-alice.d/sidechannel-welcome.txt'`
  ])
  t.alike(between(cmd, 'rem The flags below', 'exit /b %ERRORLEVEL%'), [
    "rem   --peer-store-name: Name of this peer's local store.",
    'rem   --log-level: Least important log lines to show.',
    'rem   --sidechannels: Extra sidechannels to join at start.',
    'rem   --sidechannel-welcome: Signed welcome of channels (base64, JSON or @file).',
    `rem --sc-bridge-token ${elsewhere} it is a secret.`,
    `rem ${unsafe}`,
    'node scripts\\launch.mjs start ^',
    '--peer-store-name alice ^',
    '--log-level warn ^',
    '--sidechannels "@scripts/start-alice.d/sidechannels.txt" ^',
    '--sidechannel-welcome "@scripts/start-alice.d/sidechannel-welcome.txt" ^',
    '%*'
  ])
  t.ok(ps1.startsWith('\ufeff#'), 'Windows PowerShell reads it as UTF-8')
  for (const text of [ps1, cmd]) t.absent(/[^\r]\n/.test(text), 'lines end as they do there')
  t.ok(/^[\r\n -~]*$/.test(cmd), 'no code page matters')
})

function between(script: string, from: string, to: string): string[] {
  const lines = script.split(/\r?\n/)
  const start = lines.findIndex((line) => line.startsWith(from))
  const end = lines.findIndex((line, i) => i > start && line.startsWith(to))
  return lines
    .slice(start + 1, end)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

test('what would be taken for another flag, or for a file', (t) => {
  const {
    sh = '',
    ps1 = '',
    cmd = ''
  } = scriptsOf([
    ['scBridgeFilter', '--x'],
    ['scBridgeTokens', '@/etc/tokens.json']
  ])
  t.ok(sh.includes('--sc-bridge-filter=--x') && sh.includes('--sc-bridge-tokens @/etc/tokens.json'))
  t.ok(ps1.includes("'--sc-bridge-filter=--x'") && ps1.includes("'--sc-bridge-tokens', '@/etc/tokens.json'"))
  t.ok(cmd.includes('"--sc-bridge-filter=--x" ^'))
})

test('the line that makes them again does no harm in a comment', (t) => {
  const regenerate = `npm start -- init alice --x '%PATH%\n"end"' 🎈 ^`
  const { sh = '', ps1 = '', cmd = '' } = scriptsOf([], { regenerate })
  for (const text of [sh, ps1, cmd]) {
    const comments = text.split(/\r?\n/).filter((line) => line.includes('init alice'))
    t.is(comments.length, 1)
    t.ok(/^(#|rem) /.test(comments[0] ?? ''), comments[0])
  }
  t.ok(cmd.includes(`rem   npm start -- init alice --x '%%PATH%%\\n"end"' ?\r\n`))
})

test('each says that its flags win over config.json, and what to run after a change there', (t) => {
  const { sh = '', ps1 = '', cmd = '' } = scriptsOf([])
  for (const text of [sh, ps1, cmd])
    t.ok(
      /^(#|rem) +npm start -- init alice\r?\n(#|rem) .*config\.json.*run that line again/m.test(text),
      text.slice(0, 600)
    )
})

test('where the store lies has no other place: a script that cannot say it says so', (t) => {
  const { cmd = '', ps1 = '', sh = '' } = scriptsOf([], { storesDirectory: '/büro/"s"' })
  t.absent(cmd.includes('launch.mjs'))
  t.ok(cmd.includes('cannot be named in a cmd script'))
  t.absent(ps1.includes('launch.mjs'))
  t.ok(sh.includes(`--peer-stores-directory '/büro/"s"'`))
})

test('a command line that cmd would cut off is not made', (t) => {
  const flags: Flag[] = Array.from({ length: 40 }, () => ['sidechannels', `${'a b,'.repeat(48)}a`])
  const { cmd = '' } = scriptsOf(flags)
  const command = cmd.slice(cmd.indexOf('node scripts\\'), cmd.indexOf('exit /b %ERR'))
  t.ok(command.length < 8000, String(command.length))
  t.ok(cmd.includes('the command line would be too long'))
})

test('a shell gives the words back as they were', (t) => {
  const script = `printf '%s\\0' ${NASTY.map((text) => SH.word(text)).join(' ')}`
  const words = runTool('sh', ['-c', script])?.output.split('\0') ?? []
  t.alike(words.slice(0, NASTY.length), [...NASTY])
})

test('shellcheck has nothing to say', (t) => {
  const folder = temporaryFolder(t)
  const flags: Flag[] = NASTY.map((text) => ['subnetChannel', text])
  const [script] = startScripts(planOf(folder, flags))
  const file = path.join(folder, 'start.sh')
  fs.writeFileSync(file, script?.content ?? '')
  const found = runTool('shellcheck', ['--norc', file])
  if (found === null) t.comment('skipped: no shellcheck here')
  else t.is(found.status, 0, found.output)
})
