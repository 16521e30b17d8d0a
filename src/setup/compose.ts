import { messageOf } from '../base/errors.ts'
import type { Decided, Role } from '../config/decisions.ts'
import { type Config, FLAG_KEYS, FLAG_NAMES, type FlagKey, flagName, flagSpec } from '../config/flags.ts'
import { CONFIG_FILE, checkConfigText, checkTogether } from '../config/resolve.ts'
import { type Flag, typedValue } from '../config/start-command.ts'
import { isObject } from '../config/types.ts'
import type { ConfigEntries } from './config-file.ts'
import type { Outcome, Present } from './decide.ts'
import { configText, type FirstRun, STEPS } from './first-run.ts'
import { fromProject } from './paths.ts'

/** The flags as a node would have them that starts with these decisions alone. */
export function configOf(values: Decided): Config {
  const entries = FLAG_KEYS.map((key) => [key, values.get(key) ?? flagSpec(key).default])
  return Object.freeze(Object.fromEntries(entries)) as Config
}

/** What is wrong with decisions that are fine each by itself. */
export function faultsTogether(values: Decided): string[] {
  const config = configOf(values)
  const faults = roleFaults(values.get('role') as Role, config, values.get('admin') === true)
  for (const [key, name] of [
    ['chat', 'chat'],
    ['autoAddWriters', 'auto-add-writers']
  ] as const)
    if (values.get(key) === true && values.get('admin') !== true)
      faults.push(`--${name} is for the admin of the subnet to turn on: give --role admin or --admin 1, too.`)
  try {
    checkTogether(config)
  } catch (error) {
    faults.push(messageOf(error))
  }
  return faults
}

/** What a role is for, and what would keep it from that. */
function roleFaults(role: Role, config: Config, isAdmin: boolean): string[] {
  const { subnet, subnetBootstrap, sidechannelRelay } = config
  const faults: string[] = []
  if (role === 'joiner' && subnetBootstrap === null)
    faults.push('A joiner needs the subnet that it joins: give --subnet-bootstrap.')
  if ((role === 'joiner' || role === 'admin') && !subnet)
    faults.push(`--role ${role} is about a subnet, which --subnet 0 turns off.`)
  else if (isAdmin && !subnet) faults.push('--admin 1 is about a subnet, which --subnet 0 turns off.')
  if ((role === 'admin' || isAdmin) && subnet && subnetBootstrap !== null)
    faults.push(
      `--subnet-bootstrap names the subnet of somebody else, of which this peer cannot become the admin. Leave it out; --answers '{"subnet-bootstrap": null}' takes back one that was given before.`
    )
  else if (role === 'admin' && subnet && !isAdmin)
    faults.push(
      '--role admin makes the admin of a subnet, which --admin 0 turns off: leave out one of the two.'
    )
  if (role === 'backbone' && !sidechannelRelay)
    faults.push('--role backbone is there to pass messages on, which --sidechannel-relay 0 turns off.')
  return faults
}

/** The new config file: what stood there and was not decided anew stays as it was, in its order. */
export function composeEntries(present: Present, { values, chosen }: Outcome): ConfigEntries {
  const entries: Record<string, unknown> = { ...present.entries }
  for (const key of FLAG_KEYS) {
    if (flagSpec(key).commandLineOnly) continue
    const value = values.get(key) ?? null
    const spelt = spellingOf(key, entries)
    if (value === null) delete entries[spelt]
    else if (
      !isSame(key, value, present.values.get(key)) &&
      (Object.hasOwn(entries, spelt) || isWorth(key, value, chosen))
    )
      entries[spelt] = jsonOf(key, value)
  }
  delete entries.firstRun
  return { ...entries, firstRun: composeFirstRun(present, values, chosen) }
}

/** Each value was checked when it was given; what they came to by then is read back as a start will read it. */
export function faultsOfEntries(entries: ConfigEntries): string[] {
  try {
    checkConfigText(configText(entries), `the new ${CONFIG_FILE}`)
    return []
  } catch (error) {
    return [messageOf(error)]
  }
}

function isWorth(key: FlagKey, value: unknown, chosen: Outcome['chosen']): boolean {
  return chosen.has(key) || !isSame(key, value, flagSpec(key).default)
}

/** A flag may stand there by another of its names. */
function spellingOf(key: FlagKey, entries: ConfigEntries): string {
  return Object.keys(entries).find((name) => FLAG_NAMES.get(name) === key) ?? flagName(key)
}

function isSame(key: FlagKey, a: unknown, b: unknown): boolean {
  const { type } = flagSpec(key)
  return b !== undefined && b !== null && type.show(a) === type.show(b)
}

/** As JSON has it; what is a text is what would be typed. */
function jsonOf(key: FlagKey, value: unknown): unknown {
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string') return value
  const isPlain = Array.isArray(value)
    ? value.every((item) => typeof item === 'string')
    : isObject(value) && Object.values(value).every((item) => typeof item === 'string')
  return isPlain ? value : flagSpec(key).type.show(value)
}

function composeFirstRun(present: Present, values: Decided, chosen: Outcome['chosen']): FirstRun {
  const { firstRun } = present
  // Who is admin is not taken back by it: the subnet has its own commands for that.
  const changed = STEPS.filter(
    (step) =>
      step !== 'admin' &&
      firstRun.applied?.includes(step) &&
      values.get(step) !== null &&
      values.get(step) !== firstRun[step]
  )
  const { firstRun: before } = present.entries
  const decided: Record<string, unknown> = { ...(isObject(before) ? before : {}), role: values.get('role') }
  for (const key of [...STEPS, 'valueTransfer'] as const) {
    const value = values.get(key) ?? null
    if (value === null) delete decided[key]
    else if (value === true || chosen.has(key) || Object.hasOwn(firstRun, key)) decided[key] = value
  }
  const lists = {
    invites: (values.get('invites') ?? []) as readonly string[],
    welcomes: (values.get('welcomes') ?? []) as readonly string[],
    applied: (firstRun.applied ?? []).filter((step) => !changed.includes(step)),
    changed: [...new Set([...(firstRun.changed ?? []), ...changed])]
  }
  for (const [key, list] of Object.entries(lists)) {
    if (list.length > 0) decided[key] = list
    else delete decided[key]
  }
  return decided
}

/** For scripts: every flag that is not as usual, as it is typed. A secret is in none, but for the name of its file. */
export function flagsOf(config: Config, entries: ConfigEntries, project: string): Flag[] {
  return FLAG_KEYS.flatMap((key) => {
    const { type, default: usual, secret, commandLineOnly, path: isPath } = flagSpec(key)
    const value: unknown = config[key]
    if (commandLineOnly || value === null) return []
    const text = isPath ? fromProject(project, type.show(value)) : type.show(value)
    if (secret) {
      const written = entries[flagName(key)]
      return type.file && typeof written === 'string' && written.startsWith('@')
        ? [[key, written] as const]
        : []
    }
    const isUsual = usual !== null && text === type.show(usual)
    return isUsual ? [] : [[key, typedValue([key, text])] as const]
  })
}
