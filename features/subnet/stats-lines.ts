import type Autobase from 'autobase'
import { toHex } from '../../src/base/hex.ts'
import { printable } from '../../src/base/text.ts'
import type { SubnetStats } from '../../src/subnet-plane.ts'

type Lengths = Pick<Autobase, 'signedLength' | 'indexedLength' | 'discoveryKey'>

/** The part of /stats that is the subnet's, with the labels of deployed peers (spec/subnet 4.2). */
export function statsLines(stats: SubnetStats, base: Lengths): string[] {
  const { app } = stats
  return [
    `hypermall.writerKey: ${stats.writerKey}`,
    `admin: ${stats.admin ?? 'unset'}`,
    `isIndexer: ${stats.isIndexer}`,
    `isWriter: ${stats.isWriter}`,
    `base.view.core.signedLength: ${stats.signedLength}`,
    `base.signedLength: ${base.signedLength}`,
    `base.indexedLength: ${base.indexedLength}`,
    `base.linearizer.indexers.length: ${stats.indexers}`,
    `base.key: ${stats.bootstrap}`,
    `discoveryKey: ${toHex(base.discoveryKey)}`,
    `VIEW Dag: ${stats.viewHash} (length: ${stats.viewLength})`,
    `SYSTEM Dag: ${stats.systemHash} (length: ${stats.systemLength})`,
    `Total Registered Writers: ${stats.writers}`,
    `Peer subnet channel: ${stats.channel === null ? 'none' : printable(stats.channel)}`,
    stats.ruleset === null
      ? 'Ruleset: not known yet (no admin)'
      : `Ruleset: ${stats.ruleset}, settlement: ${stats.settlement}`,
    `App: ${printable(app.name)} ${printable(app.version)} (${app.hash})`,
    ...(app.inForce === null || app.inForce.hash === app.hash
      ? []
      : [
          `App in force: ${printable(app.inForce.name)} ${printable(app.inForce.version)} (${app.inForce.hash})`
        ]),
    ...(stats.interrupted === null ? [] : [`Stopped: ${printable(stats.interrupted)}`])
  ]
}
