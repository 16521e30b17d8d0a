import path from '#path'
import { IntercomError } from '../../base/errors.ts'
import { printable, quoted } from '../../base/text.ts'
import { type FlagKey, flagName, flagSpec } from '../../config/flags.ts'
import { shellWord } from '../../config/start-command.ts'
import { readVersion } from '../../version.ts'
import { SEAL_LINE } from '../generated.ts'
import type { StartPlan } from '../plan.ts'
import { scriptPath } from '../scripts/start-scripts.ts'
import { plainPath, type Surroundings, unsupported } from './surroundings.ts'

export function unitName(peer: string): string {
  return `intercom-${peer}.service`
}

/** A unit of the system: it starts with the machine, and all of the hardening works there. */
export function systemdUnit(plan: StartPlan, file: string, around: Surroundings): string {
  const { peer, project, regenerate } = plan
  const script = scriptPath(plan, 'sh')
  const stores = path.resolve(project, plan.storesDirectory)
  const name = unitName(peer)
  const temporary = temporaryPlace(plan, around)
  const seen = [...ownPlaces(plan, around), ...namedFiles(plan, temporary !== null)]
  const lines = [
    `# Runs the Intercom peer "${peer}" under systemd: it starts with the machine, and again when it failed.`,
    `# Made by Intercom ${readVersion()}, ${SEAL_LINE}`,
    '# and made again by:',
    // A backslash at the end would join the next line.
    `#   ${printable(regenerate).replace(/\\+$/, '')}`,
    '#',
    '# To install it, and to see how it is:',
    `#   sudo cp ${shellWord(plainPath(file))} /etc/systemd/system/`,
    `#   sudo systemctl daemon-reload && sudo systemctl enable --now ${name}`,
    `#   systemctl status ${name}; journalctl -u ${name}`,
    '# What the node logs goes to the journal, which keeps as much as journald.conf says (SystemMaxUse=).',
    `# Changes of your own are best made with: sudo systemctl edit ${name}`,
    '',
    '[Unit]',
    `Description=Intercom peer ${peer}`,
    '# No After=network-online.target: a node without a network waits for one.',
    '# Where systemd is older than 254, and knows no growing delays, it gives up after five minutes of failed starts.',
    'StartLimitIntervalSec=1h',
    'StartLimitBurst=60',
    '',
    '[Service]',
    '# The node says by systemd-notify that all has started, that it still lives, and that it ends.',
    'Type=notify',
    'NotifyAccess=all',
    'WatchdogSec=2min',
    'TimeoutStartSec=3min',
    'TimeoutStopSec=15',
    ...userLines(around.user),
    `Environment=${word(`PATH=${plainPath(around.path)}`)}`,
    '# The flags are in the script.',
    `ExecStart=/bin/sh ${commandWord(script)} --terminal 0`,
    '# Sooner at first, then up to five minutes apart; never for a mistake in the configuration (2).',
    'Restart=on-failure',
    'RestartPreventExitStatus=2',
    'RestartSec=5',
    'RestartSteps=6',
    'RestartMaxDelaySec=5min',
    '',
    '# About 100 MB are usual; opening a key file with a password takes 256 MiB more for a moment.',
    'MemoryMax=1G',
    'LimitNOFILE=65536',
    'UMask=0077',
    'NoNewPrivileges=yes',
    'CapabilityBoundingSet=',
    ...(temporary === null
      ? ['PrivateTmp=yes']
      : ['# With a /tmp of its own it would not see what it needs, which lies there.', 'PrivateTmp=no']),
    'PrivateDevices=yes',
    '# All is read-only but the stores.',
    'ProtectSystem=strict',
    `ProtectHome=${seen.some(isInHome) ? 'read-only' : 'yes'}`,
    `ReadWritePaths=${listedPath(stores)}`,
    ...['ControlGroups', 'KernelLogs', 'KernelModules', 'KernelTunables', 'Clock', 'Hostname'].map(
      (what) => `Protect${what}=yes`
    ),
    '# Netlink tells which addresses the machine has.',
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'LockPersonality=yes',
    'SystemCallArchitectures=native',
    '# No MemoryDenyWriteExecute: the JavaScript engine compiles at run time.',
    '',
    '[Install]',
    'WantedBy=multi-user.target'
  ]
  return `${lines.join('\n')}\n`
}

/** What of it lies where systems throw things away, and where a service usually has a folder of its own; or null. */
export function temporaryPlace(plan: StartPlan, around: Surroundings): string | null {
  return ownPlaces(plan, around).find(isTemporary) ?? null
}

/** Without these it does not start. */
function ownPlaces({ project, storesDirectory }: StartPlan, around: Surroundings): string[] {
  return [project, path.resolve(project, storesDirectory), ...around.path.split(':')]
}

function userLines(user: string | null): string[] {
  if (user === null) return ['# The owner of the store belongs here:', '#User=intercom']
  const note = user === 'root' ? ['# Better somebody else, who then has to own the stores.'] : []
  return [...note, `User=${printable(user).replaceAll('%', '%%')}`]
}

/** What the flags name, and the node reads at its start: files of passwords, tokens and TLS, the folder of the app. */
function namedFiles({ project, flags }: StartPlan, seesTemporary: boolean): string[] {
  return flags.flatMap(([key, value]) => {
    const { path: isPath, type } = flagSpec(key)
    const named = type.file && value.startsWith('@')
    if (!isPath && !named) return []
    const file = path.resolve(project, named ? value.slice(1) : value)
    if (isTemporary(file) && !seesTemporary) throw hidden(key, file)
    return [file]
  })
}

function hidden(key: FlagKey, file: string): IntercomError {
  const what = `${quoted(file, 300)} of --${flagName(key)}`
  return new IntercomError(
    'setup_unsupported',
    `A service of systemd does not see ${what}: its /tmp is its own (PrivateTmp).`,
    {
      next: 'Keep it elsewhere, and name that place.'
    }
  )
}

function isTemporary(file: string): boolean {
  return isIn(['/tmp', '/var/tmp'], file)
}

function isInHome(file: string): boolean {
  return isIn(['/home', '/root', '/run/user'], file)
}

function isIn(folders: readonly string[], file: string): boolean {
  return folders.some((folder) => file === folder || file.startsWith(`${folder}/`))
}

/** As systemd takes words apart: what begins with % is replaced, and a backslash escapes. */
function word(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`
}

/** In a command line $ is replaced too. */
function commandWord(file: string): string {
  return word(plainPath(file)).replaceAll('$', '$$$$')
}

/** In lists of paths quotes work, and backslashes do not. */
function listedPath(file: string): string {
  const quote = ['"', "'"].find((each) => !file.includes(each))
  if (quote === undefined || file.includes('\\')) throw unsupported(file)
  return `${quote}${plainPath(file).replaceAll('%', '%%')}${quote}`
}
