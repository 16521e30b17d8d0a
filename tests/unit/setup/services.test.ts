import test from 'brittle'
import fs from '#fs'
import path from '#path'
import { type FlagKey, flagName } from '../../../src/config/flags.ts'
import type { StartPlan } from '../../../src/setup/plan.ts'
import { type ServiceKind, serviceFiles, serviceNotes } from '../../../src/setup/services/service-files.ts'
import type { Surroundings } from '../../../src/setup/services/surroundings.ts'
import { failsWith } from '../../helpers/errors.ts'
import { planOf } from '../../helpers/plan.ts'
import { temporaryFolder } from '../../helpers/tmp.ts'
import { runTool } from '../../helpers/tool.ts'

const AROUND: Surroundings = { user: 'alice', home: '/home/alice', path: '/opt/node 22/bin:/usr/bin:/bin' }
/** What systemd, XML and a shell each take for something else. */
const ODD = `it's 100%t $HOME & <ü> 'x'`

function contentOf(
  kind: ServiceKind,
  project: string,
  change: Partial<StartPlan> = {},
  around = AROUND
): string {
  return serviceFiles(kind, planOf(project, [], change), around)[0]?.content ?? ''
}

function value(unit: string, key: string): string | undefined {
  return unit
    .split('\n')
    .find((line) => line.startsWith(`${key}=`))
    ?.slice(key.length + 1)
}

test('a unit for systemd: hardened, with what it may write, and started again when it failed', (t) => {
  const unit = contentOf('systemd', '/opt/intercom')
  const rows: readonly (readonly [string, string])[] = [
    ['Type', 'notify'],
    ['NotifyAccess', 'all'],
    ['User', 'alice'],
    ['ExecStart', '/bin/sh "/opt/intercom/scripts/start-alice.sh" --terminal 0'],
    ['Environment', '"PATH=/opt/node 22/bin:/usr/bin:/bin"'],
    ['Restart', 'on-failure'],
    ['RestartPreventExitStatus', '2'],
    ['RestartSec', '5'],
    ['RestartMaxDelaySec', '5min'],
    ['MemoryMax', '1G'],
    ['NoNewPrivileges', 'yes'],
    ['PrivateTmp', 'yes'],
    ['ProtectSystem', 'strict'],
    ['ProtectHome', 'yes'],
    ['ReadWritePaths', '"/opt/intercom/stores"'],
    ['RestrictAddressFamilies', 'AF_INET AF_INET6 AF_UNIX AF_NETLINK']
  ]
  for (const [key, expected] of rows) t.is(value(unit, key), expected, key)
  t.absent(/^MemoryDenyWriteExecute=/m.test(unit), 'the JavaScript engine compiles at run time')
})

test('what lies in a home can be read, and nothing else of it written', (t) => {
  t.is(value(contentOf('systemd', '/home/alice/intercom'), 'ProtectHome'), 'read-only')
  const elsewhere = contentOf('systemd', '/opt/intercom', { storesDirectory: '/home/alice/stores' })
  t.is(value(elsewhere, 'ProtectHome'), 'read-only')
  t.is(value(elsewhere, 'ReadWritePaths'), '"/home/alice/stores"')
  const nvm = { ...AROUND, path: '/root/.nvm/versions/node/v22/bin:/usr/bin' }
  t.is(value(contentOf('systemd', '/opt/intercom', {}, nvm), 'ProtectHome'), 'read-only')
})

test('the files that flags name can be read, too', (t) => {
  const rows: readonly (readonly [FlagKey, string, string])[] = [
    ['walletPasswordFile', '/root/password', 'read-only'],
    ['rpcTlsKey', '/home/alice/key.pem', 'read-only'],
    ['app', '../../home/alice/app', 'read-only'],
    ['scBridgeTokens', '@/run/user/1000/tokens.json', 'read-only'],
    ['scBridgeTokenFile', 'keys/token', 'yes'],
    ['subnetChannel', '/home/alice', 'yes'],
    ['sidechannels', ',@/home/alice', 'yes']
  ]
  for (const [key, written, expected] of rows)
    t.is(
      value(contentOf('systemd', '/opt/intercom', { flags: [[key, written]] }), 'ProtectHome'),
      expected,
      key
    )
})

test('a file that a service would not see is refused', (t) => {
  for (const [key, file] of [
    ['walletPasswordFile', '/tmp/password'],
    ['app', '../../var/tmp/app'],
    ['scBridgeTokens', '@/tmp/tokens.json']
  ] as const) {
    const change: Partial<StartPlan> = { flags: [[key, file]] }
    failsWith(t, 'setup_unsupported', [`--${flagName(key)}`, 'PrivateTmp'], () =>
      contentOf('systemd', '/opt/intercom', change)
    )
    t.ok(contentOf('launchd', '/opt/intercom', change), 'launchd hides nothing')
  }
  t.ok(contentOf('systemd', '/opt/intercom', { flags: [['app', '/tmpfs/app']] }))
})

test('what lies in a folder for temporary files is seen there, and a warning says what becomes of it', (t) => {
  for (const [project, change, around, place] of [
    ['/tmp/intercom', {}, AROUND, '/tmp/intercom'],
    ['/opt/intercom', { storesDirectory: '/var/tmp/stores' }, AROUND, '/var/tmp/stores'],
    ['/opt/intercom', {}, { ...AROUND, path: '/tmp/node/bin:/usr/bin' }, '/tmp/node/bin']
  ] as const) {
    t.is(value(contentOf('systemd', project, change, around), 'PrivateTmp'), 'no', place)
    const [note = ''] = serviceNotes('systemd', planOf(project, [], change), around)
    t.ok(note.startsWith(`Warning: the service needs "${place}", and`), note)
    t.alike(serviceNotes('launchd', planOf(project, [], change), around), [])
  }
  t.alike(serviceNotes('systemd', planOf('/opt/intercom', []), AROUND), [])
  const flags: Partial<StartPlan> = { flags: [['walletPasswordFile', '/tmp/password']] }
  t.ok(contentOf('systemd', '/tmp/intercom', flags), 'then a file there is seen, too')
})

test('a user without a name is left to whoever installs it', (t) => {
  const unit = contentOf('systemd', '/opt/intercom', {}, { ...AROUND, user: null })
  t.is(value(unit, 'User'), undefined)
  t.ok(unit.includes('#User='))
})

test('paths in a unit are quoted as systemd takes them', (t) => {
  const unit = contentOf('systemd', `/opt/${ODD}`)
  t.is(
    value(unit, 'ExecStart'),
    `/bin/sh "/opt/it's 100%%t $$HOME & <ü> 'x'/scripts/start-alice.sh" --terminal 0`
  )
  t.is(value(unit, 'ReadWritePaths'), `"/opt/it's 100%%t $HOME & <ü> 'x'/stores"`)
  t.is(value(contentOf('systemd', '/opt/a "b"'), 'ReadWritePaths'), `'/opt/a "b"/stores'`)
  t.is(
    value(contentOf('systemd', '/opt/a "b"'), 'ExecStart'),
    `/bin/sh "/opt/a \\"b\\"/scripts/start-alice.sh" --terminal 0`
  )
  const join = contentOf('systemd', '/opt/x', { regenerate: 'npm start -- init a\\\nUser=root' })
  t.alike(
    join.split('\n').filter((line) => line.startsWith('User=')),
    ['User=alice'],
    'a comment stays one'
  )
  for (const folder of ['/opt/a\nUser=root', `/opt/"it's"`, '/opt/a\\b'])
    failsWith(t, 'setup_unsupported', [], () => contentOf('systemd', folder))
})

test('systemd itself finds nothing wrong with it', (t) => {
  const folder = path.join(temporaryFolder(t), ODD)
  fs.mkdirSync(folder)
  const file = path.join(folder, 'intercom-alice.service')
  fs.writeFileSync(file, contentOf('systemd', folder, {}, { ...AROUND, user: 'root' }))
  const found = runTool('systemd-analyze', ['verify', file])
  if (found === null) {
    t.comment('skipped: no systemd-analyze here')
    return
  }
  // These two are of systemd 254.
  const known = /Unknown key(?: name)? '(?:RestartSteps|RestartMaxDelaySec)'/
  const lines = (found.errors + found.output).split('\n').filter((line) => line !== '' && !known.test(line))
  t.alike(lines, [])
  t.is(found.status, 0)
  fs.writeFileSync(file, contentOf('systemd', folder).replace('Type=notify', 'Type=nonsense'))
  t.ok(runTool('systemd-analyze', ['verify', file])?.errors.includes('nonsense'), 'it would have said')
})

const READ_PLIST =
  'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb")), sort_keys=True))'

test('an agent for launchd is XML, and means what it should', (t) => {
  const folder = temporaryFolder(t)
  const project = `/opt/${ODD} --x ]]>`
  const file = path.join(folder, 'agent.plist')
  fs.writeFileSync(file, contentOf('launchd', project))
  const read = runTool('python3', ['-c', READ_PLIST, file])
  if (read === null) {
    t.comment('skipped: no python3 here')
    return
  }
  t.is(read.status, 0, read.errors)
  const log = '/home/alice/Library/Logs/intercom.alice.log'
  t.alike(JSON.parse(read.output), {
    EnvironmentVariables: { PATH: AROUND.path },
    ExitTimeOut: 15,
    KeepAlive: { SuccessfulExit: false },
    Label: 'intercom.alice',
    ProcessType: 'Background',
    ProgramArguments: ['/bin/sh', `${project}/scripts/start-alice.sh`, '--terminal', '0'],
    RunAtLoad: true,
    SoftResourceLimits: { NumberOfFiles: 65536 },
    StandardErrorPath: log,
    StandardOutPath: log,
    ThrottleInterval: 30,
    Umask: 63
  })
  failsWith(t, 'setup_unsupported', [], () => contentOf('launchd', '/opt/a\u0007'))
})

test('they say how they are installed, lie beside the script, and know when they were changed', (t) => {
  for (const [kind, name, install] of [
    ['systemd', 'intercom-alice.service', 'systemctl enable --now intercom-alice.service'],
    ['launchd', 'intercom.alice.plist', 'launchctl bootstrap']
  ] as const) {
    const [file, ...more] = serviceFiles(kind, planOf('/opt/intercom', []), AROUND)
    t.is(more.length, 0)
    t.is(file?.path, path.join('/opt/intercom', 'scripts', 'start-alice.d', name))
    t.ok(file?.content.includes(install))
    t.ok(/sha256 (?!0{64})[0-9a-f]{64}/.test(file?.content ?? ''))
  }
  t.ok(serviceFiles('systemd', planOf('/opt/intercom', [])).length === 1, 'for whoever runs this too')
})
