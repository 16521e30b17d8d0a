import type Autobase from 'autobase'
import { ERRORS } from '../../../src/base/errors.ts'
import { toHex } from '../../../src/base/hex.ts'
import { printable } from '../../../src/base/text.ts'
import type { SubnetStats } from '../../../src/subnet-plane.ts'

const NOTHING_YET =
  'Nothing of this subnet has been received yet: is the bootstrap right, and a peer of it online?'

const SPLIT = `Split off (state_split): the indexers have signed another state than the one here. ${ERRORS.state_split.next}`

type Lengths = Pick<Autobase, 'signedLength' | 'indexedLength' | 'discoveryKey'>

/** The part of /stats that is the subnet's, with the labels of deployed peers (spec/subnet 4.2). Null: it has failed. */
export function statsLines(stats: SubnetStats, base: Lengths | null): string[] {
  return base === null ? failedLines(stats) : [...openLines(stats, base), ...notes(stats)]
}

function failedLines({ writerKey, bootstrap, channel, interrupted }: SubnetStats): string[] {
  return [
    `hypermall.writerKey: ${writerKey}`,
    `base.key: ${bootstrap}`,
    channelLine(channel),
    `Stopped: ${printable(interrupted ?? '')}`
  ]
}

function channelLine(channel: string | null): string {
  return `Peer subnet channel: ${channel === null ? 'none' : printable(channel)}`
}

/** What somebody has to do something about. */
function notes(stats: SubnetStats): string[] {
  const { systemLength, bootstrap, writerKey, interrupted, split, differingIndexers } = stats
  return [
    ...(systemLength === 0 && bootstrap !== writerKey ? [NOTHING_YET] : []),
    ...(split ? [SPLIT] : []),
    ...(differingIndexers.length === 0
      ? []
      : [`Indexers that signed another state than the one here: ${differingIndexers.join(' ')}`]),
    ...(interrupted === null ? [] : [`Stopped: ${printable(interrupted)}`])
  ]
}

function openLines(stats: SubnetStats, base: Lengths): string[] {
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
    channelLine(stats.channel),
    stats.ruleset === null
      ? 'Ruleset: not known yet (no admin)'
      : `Ruleset: ${stats.ruleset}, settlement: ${stats.settlement}`,
    `App: ${printable(app.name)} ${printable(app.version)} (${app.hash})`,
    ...(app.inForce === null || app.inForce.hash === app.hash
      ? []
      : [
          `App in force: ${printable(app.inForce.name)} ${printable(app.inForce.version)} (${app.inForce.hash})`
        ])
  ]
}
