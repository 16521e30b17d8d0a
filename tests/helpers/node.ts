import type { Assertions } from 'brittle'
import { Sidechannels } from '../../features/sidechannel/sidechannels.ts'
import { createLog } from '../../src/base/log.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { HostPort } from '../../src/config/types.ts'
import { IntercomNode } from '../../src/node.ts'
import { temporaryFolder } from './tmp.ts'

export interface OpenedNode {
  readonly node: IntercomNode
  readonly sidechannels: Sidechannels
  readonly lines: string[]
}

/** A whole node with its sidechannels in the test's process, with flags as on the command line. */
export async function openNode(
  t: Assertions,
  bootstrap: readonly HostPort[],
  flags: readonly string[] = [],
  folder = temporaryFolder(t)
): Promise<OpenedNode> {
  const nodes = bootstrap.map(({ host, port }) => `${host}:${port}`).join(',')
  const { config } = resolveConfig(['--peer-stores-directory', folder, '--dht-bootstrap', nodes, ...flags], {})
  const lines: string[] = []
  const log = createLog({ level: 'debug', json: false, write: (line) => lines.push(line), now: Date.now })
  const node = new IntercomNode({ config, log })
  t.teardown(() => node.close(), { order: 30 })
  await node.ready()
  const sidechannels = new Sidechannels(node)
  t.teardown(() => sidechannels.close(), { order: 20 })
  await sidechannels.ready()
  return { node, sidechannels, lines }
}
