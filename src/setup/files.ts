import fs from '#fs'
import path from '#path'
import process from '#process'
import { IntercomError } from '../base/errors.ts'
import { readSmallFile } from '../base/small-file.ts'
import { printable, quoted } from '../base/text.ts'
import type { Config } from '../config/flags.ts'
import { flagWords, shellWord } from '../config/start-command.ts'
import { flagsOf } from './compose.ts'
import { type ConfigEntries, writeConfigEntries } from './config-file.ts'
import { removeUnnamed, type Written, writeGenerated } from './generated.ts'
import { fromProject } from './paths.ts'
import type { GeneratedFile, StartPlan } from './plan.ts'
import { storeLine } from './scripts/header.ts'
import { scriptPath, startScripts, valuesFolder } from './scripts/start-scripts.ts'
import { type ServiceKind, serviceFiles, serviceNotes } from './services/service-files.ts'

export interface FileOptions {
  /** Write the file of a service, too. */
  readonly service?: ServiceKind | undefined
  /** Replace scripts that were changed by hand. */
  readonly force: boolean
}

/** Writes what the decisions come to; a line about each file. Scripts first: where one is refused, nothing is written. */
export function writeFiles(
  folder: string,
  entries: ConfigEntries,
  plan: StartPlan,
  { service, force }: FileOptions
): string[] {
  const services = service === undefined ? [] : serviceFiles(service, plan)
  const scripts = startScripts(plan)
  if (!force) assertOwn(scripts, plan)
  const generated = writeGenerated([...scripts, ...services], { force })
  const config = `Written: ${writeConfigEntries(folder, entries)}`
  const files = [...generated, ...removeOldValues(plan, scripts)].flatMap(fileLine)
  return [config, ...files, ...(service === undefined ? [] : serviceNotes(service, plan))]
}

/** Another folder of stores may have a peer of the same name; its scripts lie in the same place. */
function assertOwn(scripts: readonly GeneratedFile[], plan: StartPlan): void {
  for (const { path: file } of scripts) {
    if (!fs.existsSync(file)) continue
    const store = /\bIts store: .*$/m.exec(readSmallFile(file))?.[0].trimEnd()
    if (store === undefined || store === storeLine(plan)) continue
    throw new IntercomError(
      'script_exists',
      `${quoted(file, 300)} starts another peer of that name. ${printable(store)}`,
      { next: 'Call this peer something else, or have its scripts replaced with --force.' }
    )
  }
}

/** By the scripts as they stand: one that a person changed may name more than we would write. */
function removeOldValues(plan: StartPlan, generated: readonly GeneratedFile[]): Written[] {
  const folder = valuesFolder(plan)
  const scripts = generated.filter(({ path: file }) => path.dirname(file) !== folder)
  const texts = scripts.map(({ path: file }) => fs.readFileSync(file, 'utf-8'))
  return removeUnnamed(folder, (name) =>
    texts.some((text) => text.includes(`${path.basename(folder)}/${name}`))
  )
}

function fileLine({ path: file, outcome }: Written): string[] {
  const inside = path.relative(process.cwd(), file)
  const shown = inside.startsWith('..') ? file : inside
  if (outcome === 'unchanged') return []
  if (outcome === 'removed') return [`Removed: ${shown}`]
  return [
    outcome === 'kept-because-changed-by-hand' ? `Left as you changed it: ${shown}` : `Written: ${shown}`
  ]
}

export function planOf(
  config: Config,
  entries: ConfigEntries,
  project: string,
  service: ServiceKind | undefined
): StartPlan {
  const { peerStoreName: peer, peerStoresDirectory } = config
  return {
    project,
    peer,
    storesDirectory: fromProject(project, path.resolve(peerStoresDirectory)),
    flags: flagsOf(config, entries, project),
    regenerate: `npm start -- init ${peer} --yes${storesWords(config, project)}${service === undefined ? '' : ` --service ${service}`}`
  }
}

/** The lines that start a peer; what is not in the first is in its config file. */
export function startLines(config: Config, plan: StartPlan): string[] {
  return [
    `Start it with: npm start -- start ${plan.peer}${storesWords(config, plan.project)}`,
    `or, from any folder: ${shellWord(scriptPath(plan, 'sh'))}`
  ]
}

function storesWords({ peerStoresDirectory }: Config, project: string): string {
  if (peerStoresDirectory === 'stores' && process.cwd() === project) return ''
  return ` ${flagWords([['peerStoresDirectory', path.resolve(peerStoresDirectory)]])}`
}
