import fs from '#fs'
import path from '#path'
import { PROJECT, withinProject } from '../base/project.ts'
import { printable } from '../base/text.ts'
import type { Config } from './flags.ts'
import { networkFlags, startCommand } from './start-command.ts'

/** What a joiner has to know of a subnet. */
export interface JoinableSubnet {
  readonly bootstrap: string
  readonly channel: string | null
  readonly app: { readonly name: string; readonly version: string; readonly hash: string }
}

export interface SubnetJoiner {
  /** Starts a peer that takes part; one with another app would come to another state. */
  readonly line: string
  /** What has to be done before, as a sentence; null: nothing. */
  readonly note: string | null
}

export function subnetJoiner(config: Config, { bootstrap, channel, app }: JoinableSubnet): SubnetJoiner {
  const folder = config.app === null ? null : appFolder(config.app)
  const line = startCommand([
    ['peerStoreName', 'joiner'],
    ['subnetBootstrap', bootstrap],
    ...(channel === null ? [] : [['subnetChannel', channel] as const]),
    ...(folder === null ? [] : [['app', folder] as const]),
    ...networkFlags(config)
  ])
  if (config.app === null || folder !== null) return { line, note: null }
  const { name, version, hash } = app
  return {
    line,
    note: `Whoever joins needs the app ${printable(name)} ${printable(version)} (hash ${hash}), which is not in the project: hand on its folder, to be added as --app <folder>.`
  }
}

/** As every copy of the project has it: not from where the node happens to run. Null: it is not in the project. */
function appFolder(named: string): string | null {
  const real = (file: string) => (fs.existsSync(file) ? fs.realpathSync(file) : path.resolve(file))
  return withinProject(real(named), real(PROJECT))
}
