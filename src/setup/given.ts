import b4a from 'b4a'
import path from '#path'
import { jsonDepthWithin } from '../base/depth.ts'
import { IntercomError, messageOf, notJson } from '../base/errors.ts'
import { nearest, quoted } from '../base/text.ts'
import type { Argv } from '../config/argv.ts'
import {
  DECISION_NAMES,
  DECISIONS,
  type FirstRunKey,
  isDecisionName,
  targetKey
} from '../config/decisions.ts'
import { FLAG_NAMES, type FlagKey, flagName, flagSpec } from '../config/flags.ts'
import { isObject, type ValueType } from '../config/types.ts'
import { readValueFile } from '../config/value-file.ts'
import { forConfig } from './paths.ts'

export type DecisionKey = FlagKey | FirstRunKey

/** What need not be asked. A null says: as usual. */
export interface Given {
  readonly values: ReadonlyMap<DecisionKey, unknown>
  /** Everything that is wrong with it, a sentence each. */
  readonly faults: readonly string[]
}

/** The words of the command line win over the answers. */
export function readGiven(
  argv: Argv,
  answers: Readonly<Record<string, unknown>> | null,
  project: string
): Given {
  const values = new Map<DecisionKey, unknown>()
  const faults: string[] = []
  const take = (name: string, value: unknown, where: string) => {
    const read = readOne(name, value, where, project)
    if ('fault' in read) faults.push(read.fault)
    else values.set(read.key, read.value)
  }
  for (const [name, value] of Object.entries(answers ?? {})) take(name, value, quoted(name))
  for (const [key, { text, as }] of argv.flags) if (!isAside(key)) take(flagName(key), text, `--${as}`)
  for (const [name, texts] of argv.args) if (isDecisionName(name)) take(name, texts[0], `--${name}`)
  return { values, faults }
}

/** What picks the store, or what this one run does, is read elsewhere. */
function isAside(key: FlagKey): boolean {
  return flagSpec(key).commandLineOnly === true
}

type Read = { readonly key: DecisionKey; readonly value: unknown } | { readonly fault: string }

function readOne(name: string, value: unknown, where: string, project: string): Read {
  const known = lookUp(name)
  if (known === null) return { fault: unknownName(name) }
  const { key, type } = known
  const flag = isFlag(key) ? flagSpec(key) : null
  if (flag?.commandLineOnly && key !== 'peerStoreName')
    return { fault: `${where} is given on the command line.` }
  if (value === null) return { key, value: null }
  if (flag?.secret) return readSecret(key as FlagKey, value, where)
  try {
    const parsed = type.fromJson(value, (file) => readValueFile(file, (why) => cannotRead(file, why)))
    if (parsed !== undefined) return { key, value: flag?.path ? forConfig(project, String(parsed)) : parsed }
  } catch (error) {
    return { fault: `Invalid ${where}. ${messageOf(error)}` }
  }
  return { fault: type.refusal ?? `Invalid ${where}. ${type.expects} Got ${shown(value)}.` }
}

export function cannotRead(file: string, why: string): IntercomError {
  return new IntercomError('bad_answers', `Cannot read ${quoted(`@${file}`)} (${why}).`)
}

function lookUp(name: string): { key: DecisionKey; type: ValueType<unknown> } | null {
  if (isDecisionName(name)) return { key: targetKey(DECISIONS[name]), type: DECISIONS[name].type }
  const key = FLAG_NAMES.get(name)
  return key === undefined ? null : { key, type: flagSpec(key).type }
}

const SECRET_FILES: { readonly [K in FlagKey]?: FlagKey } = {
  scBridgeToken: 'scBridgeTokenFile',
  rpcToken: 'rpcTokenFile'
}

/** A secret is never written where it would be shown or copied: only the file that holds it is named. */
function readSecret(key: FlagKey, value: unknown, where: string): Read {
  const named = typeof value === 'string' && flagSpec(key).type.file && value.startsWith('@')
  if (named) return { key, value: `@${path.resolve(value.slice(1))}` }
  const file = SECRET_FILES[key]
  const instead = file === undefined ? 'put it into a file and give @<file>' : `give --${flagName(file)}`
  return { fault: `${where} is secret and is not written into files that others may read: ${instead}.` }
}

function unknownName(name: string): string {
  const meant = nearest(name, [...DECISION_NAMES, ...FLAG_NAMES.keys()]).map((near) => `"${near}"`)
  return `Nothing is called ${quoted(name)}.${meant.length > 0 ? ` Did you mean ${meant.join(' or ')}?` : ''}`
}

export function isFlag(key: DecisionKey): key is FlagKey {
  return FLAG_NAMES.has(flagName(key as FlagKey))
}

function shown(value: unknown): string {
  return typeof value === 'string' ? quoted(value) : quoted(JSON.stringify(value)).slice(1, -1)
}

/** `--answers`: the text of a JSON object. */
export function parseAnswers(text: string): Readonly<Record<string, unknown>> {
  if (!jsonDepthWithin(b4a.from(text))) throw badAnswers('are nested too deep')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw badAnswers(`are not JSON (${notJson(error)})`)
  }
  if (!isObject(value)) throw badAnswers('must be one object of names and values')
  return value as Record<string, unknown>
}

function badAnswers(why: string): IntercomError {
  return new IntercomError('bad_answers', `The answers ${why}.`)
}
