import fs from '#fs'
import os from '#os'
import path from '#path'
import { systemCode } from '../../base/errors.ts'
import { readSmallFile } from '../../base/small-file.ts'
import { quoted } from '../../base/text.ts'
import { FLAG_KEYS, flagName, flagSpec } from '../../config/flags.ts'
import { shellWord } from '../../config/start-command.ts'
import { type Finding, fail, ok, unknown, warn, worst } from '../finding.ts'
import { ASK_AS_OWNER, type Visit } from '../visit.ts'

const GROUP_AND_OTHERS = 0o077
const OTHERS = 0o007
/** Flags that name a file with a secret in it. A group may be meant to read one of those. */
const NAMED = [
  'walletPasswordFile',
  'scBridgeTokenFile',
  'rpcTokenFile',
  'scBridgeTlsKey',
  'rpcTlsKey'
] as const

/** Our own files of a store that hold secrets, or rights. */
const OWN = [
  'sidechannels.json',
  'subnet-pending.json',
  'sc-bridge.token',
  'rpc.token',
  path.join('db', 'keypair.json')
]

export function secrets(visit: Visit): Finding {
  if (os.platform() === 'win32')
    return unknown('Permissions are not looked at on Windows.', 'Keep the store where only you can read.')
  if (visit.store === 'hidden') return unknown('You may not look at those in the store.', ASK_AS_OWNER)
  const own = [...OWN, ...backupsIn(visit.folder)].map((name) => visit.file(name))
  const named = [
    ...NAMED.flatMap((key) => visit.config[key] ?? []),
    ...visit.patient.resolved.secretFiles,
    ...(hasSecrets(visit) ? [visit.file('config.json')] : [])
  ]
  const looked: string[] = []
  const findings = [
    ...[visit.folder, visit.file('db')].map((folder) => look(folder, GROUP_AND_OTHERS, looked, warn)),
    ...own.map((file) => look(file, GROUP_AND_OTHERS, looked, fail)),
    ...named.map((file) => look(file, OTHERS, looked, fail))
  ].flatMap((finding) => finding ?? [])
  const count = looked.length
  const all =
    count === 0 ? 'There are none yet.' : `Only you may read ${count === 1 ? 'it' : `all ${count}`}.`
  return worst(findings, ok(all))
}

type Say = (says: string, remedy: string) => Finding

/** Null where there is nothing, or nothing to say. */
function look(file: string, forbidden: number, looked: string[], say: Say): Finding | null {
  let stat: fs.Stats
  try {
    stat = fs.statSync(file)
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return null
    return unknown(`Cannot look at ${quoted(file, 300)} (${systemCode(error)}).`, ASK_AS_OWNER)
  }
  looked.push(file)
  if ((stat.mode & forbidden) === 0) return null
  const mode = stat.isDirectory() ? '700' : '600'
  const who = (stat.mode & OTHERS) === 0 ? 'its group' : 'other users'
  return say(
    `${quoted(file, 300)} is open to ${who} (mode ${(stat.mode & 0o777).toString(8)}).`,
    `chmod ${mode} ${shellWord(file)}`
  )
}

/** Copies of our own files, made before they were migrated. */
function backupsIn(folder: string): string[] {
  if (!fs.existsSync(folder)) return []
  return fs.readdirSync(folder).filter((name) => name.startsWith('backup-'))
}

/** Whether a secret stands in config.json itself. */
function hasSecrets({ folder }: Visit): boolean {
  const entries = configObject(folder)
  return FLAG_KEYS.some((key) => {
    const value = entries[flagName(key)]
    return (
      flagSpec(key).secret && value !== undefined && !(typeof value === 'string' && value.startsWith('@'))
    )
  })
}

/** Empty where there is none, or a damaged one: that is another check's. */
function configObject(folder: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readSmallFile(path.join(folder, 'config.json')))
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    // What is wrong with it, the check of config.json says.
    return {}
  }
}
