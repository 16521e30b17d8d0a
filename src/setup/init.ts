import fs from '#fs'
import path from '#path'
import { IntercomError } from '../base/errors.ts'
import { printable, quoted } from '../base/text.ts'
import { checkArguments } from '../cli/arguments.ts'
import { type Argv, parseArgv } from '../config/argv.ts'
import { DECISIONS, isDecisionName } from '../config/decisions.ts'
import { type Config, environmentNames, FLAG_KEYS, FLAGS, type FlagKey, flagSpec } from '../config/flags.ts'
import { configText, wrap } from '../config/help.ts'
import { type Environment, resolveConfig, type Source } from '../config/resolve.ts'
import { readValueFile } from '../config/value-file.ts'
import { readRunFile } from '../run-file.ts'
import { refuseNewer } from '../store/format.ts'
import { DEVICE_FILE, keyFileIn } from '../store/key-file-place.ts'
import { composeEntries, configOf, faultsOfEntries, faultsTogether } from './compose.ts'
import { readConfigEntries } from './config-file.ts'
import { decide, type Present } from './decide.ts'
import { planOf, startLines, writeFiles } from './files.ts'
import { parseFirstRun, STEPS } from './first-run.ts'
import { cannotRead, type DecisionKey, type Given, parseAnswers, readGiven } from './given.ts'
import { admitGrants, type GrantReader } from './grants.ts'
import type { Identity } from './identity.ts'
import type { InputLines } from './input-lines.ts'
import { askDecision, TERMINAL_WIDTH } from './questions.ts'
import { summary } from './summary.ts'

export interface InitIo {
  readonly lines: Pick<InputLines, 'next' | 'rest'>
  readonly write: (text: string) => void
  readonly piped: boolean
  readonly environment: Environment
  /** Its folder. */
  readonly project: string
  readonly now: () => number
  readonly identity: Identity
}

const INTRODUCTION =
  'An empty line takes what stands in brackets. Ctrl-C leaves; nothing is written before the last answer.'

/** The first run: decides how a peer runs, and writes it down. Nothing is written before all is decided. */
export async function init(words: readonly string[], io: InitIo, reader: GrantReader): Promise<void> {
  const argv = parseArgv(words)
  const switches = [...argv.args].filter(([name]) => !isDecisionName(name))
  const { yes, answers, service, force = false } = checkArguments('init', new Map(switches))
  const given = readGiven(
    argv,
    answers === undefined ? null : parseAnswers(await textOf(answers, io.lines)),
    io.project
  )
  failWith(given.faults)

  const asks = yes !== true && answers === undefined
  if (asks) io.write(`${wrap(INTRODUCTION, 0, TERMINAL_WIDTH).join('\n')}\n`)
  const store = await storeOf(argv, given, asks, io)
  refuseNewer(store.folder)
  const present = presentOf(store)
  const outcome = await decide(given, present, asks ? (...asked) => askDecision(io, ...asked) : null)
  const { values } = outcome
  const now = io.now()
  const shows = argv.flags.has('printConfig')
  const passwordFile = passwordFileOf(configOf(values), io.environment)
  const needsKey = !shows || Boolean(given.values.get('invites'))
  // What is wrong with the key file is told before anything is written.
  const own = needsKey ? await io.identity.find(store.folder, passwordFile) : null
  const grantFaults = admitGrants(values, { before: present, reader, now, own })
  failWith([...grantFaults, ...faultsTogether(values)])
  const entries = composeEntries(present, outcome)
  failWith(faultsOfEntries(entries))

  values.set('peerStoreName', store.name)
  values.set('peerStoresDirectory', store.directory)
  const config = configOf(values)
  if (shows) {
    io.write(`${configText(config, sourcesOf(config))}\n`)
    return
  }
  const plan = planOf(config, entries, io.project, service)
  const written = writeFiles(store.folder, entries, plan, { service, force })
  const hadKey = fs.existsSync(path.join(store.folder, DEVICE_FILE))
  const key = own ?? (await io.identity.make(store.folder, passwordFile))
  const said = summary({
    ...{ config, key, flags: plan.flags, start: startLines(config, plan) },
    written: own === null ? [...written, newIdentityLine(store.folder, hadKey)] : written,
    firstRun: parseFirstRun(entries.firstRun),
    runs: ['running', 'silent'].includes(readRunFile(store.folder, now).state)
  })
  for (const line of said) io.write(`${printable(line)}\n`)
}

interface Store {
  readonly name: string
  readonly directory: string
  readonly folder: string
}

/** Which config file it is about comes before everything that may stand in it. */
async function storeOf(argv: Argv, given: Given, asks: boolean, io: InitIo): Promise<Store> {
  const pick = (key: 'peerStoreName' | 'peerStoresDirectory') => picked(key, argv, io.environment)
  const directory = pick('peerStoresDirectory') ?? FLAGS.peerStoresDirectory.default
  const usual = FLAGS.peerStoreName.default
  const settled = pick('peerStoreName') ?? argv.label ?? given.values.get('peerStoreName')
  const asked = asks && settled === undefined
  const name = asked
    ? await askDecision(io, DECISIONS['peer-store-name'], 'agent', usual)
    : (settled ?? usual)
  return { name: String(name), directory, folder: path.join(directory, String(name)) }
}

/** As a start picks its store: by flag, else by environment. */
function picked(
  key: 'peerStoreName' | 'peerStoresDirectory',
  { flags }: Argv,
  environment: Environment
): string | undefined {
  const flag = flags.get(key)
  const [variable = ''] = environmentNames(key)
  const text = flag?.text ?? (environment[variable] || undefined)
  const { type } = FLAGS[key]
  if (text === undefined || type.parse(text, String) !== undefined) return text
  const where = flag === undefined ? variable : `--${flag.as}`
  throw new IntercomError('bad_flag', `Invalid ${where}. ${type.expects} Got ${quoted(text)}.`)
}

/** What was decided before. What the environment says is not this peer's alone, and is not written down. */
function presentOf({ name, directory, folder }: Store): Present {
  const words = ['start', '--peer-store-name', name, `--peer-stores-directory=${directory}`]
  const { config, sources } = resolveConfig(words, {})
  const entries = readConfigEntries(folder)
  const firstRun = parseFirstRun(entries.firstRun)
  const values = new Map<DecisionKey, unknown>()
  for (const key of FLAG_KEYS) if (sources[key] === 'config file') values.set(key, config[key])
  for (const key of ['role', ...STEPS, 'valueTransfer'] as const)
    if (firstRun[key] !== undefined) values.set(key, firstRun[key])
  return { entries, values, firstRun }
}

function newIdentityLine(folder: string, hadKey: boolean): string {
  const what = hadKey ? 'a new identity, as this store had lost its key file' : 'its identity: keep a copy'
  return `Written: ${keyFileIn(folder)}, ${what}`
}

/** A start would take it from there, too. */
function passwordFileOf({ walletPasswordFile }: Config, environment: Environment): string | null {
  const [variable = ''] = environmentNames('walletPasswordFile')
  return walletPasswordFile ?? (environment[variable] || null)
}

/** For `--print-config`: as a start would find them. */
function sourcesOf(config: Config): Readonly<Record<FlagKey, Source>> {
  const sources = FLAG_KEYS.map((key) => {
    const { type, default: usual } = flagSpec(key)
    const value: unknown = config[key]
    const isUsual = value === null || (usual !== null && type.show(value) === type.show(usual))
    return [key, isUsual ? 'default' : 'config file'] as const
  })
  return Object.fromEntries(sources) as Record<FlagKey, Source>
}

/** All that is wrong is told at once. */
function failWith(faults: readonly string[]): void {
  const lines = faults.map(printable)
  if (lines.length === 1) throw new IntercomError('bad_answers', lines.join())
  if (lines.length > 1) throw new IntercomError('bad_answers', ['not as it must be:', ...lines].join('\n  '))
}

/** `@file`, `-` for standard input, or the answers themselves. */
async function textOf(answers: string, lines: Pick<InputLines, 'rest'>): Promise<string> {
  if (answers === '-') return lines.rest()
  if (!answers.startsWith('@')) return answers
  const file = answers.slice(1)
  return readValueFile(file, (why) => cannotRead(file, why))
}
