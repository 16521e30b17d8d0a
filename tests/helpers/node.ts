import { Sidechannels } from '../../features/sidechannel/sidechannels.ts'
import { createLog } from '../../src/base/log.ts'
import { resolveConfig } from '../../src/config/resolve.ts'
import type { HostPort } from '../../src/config/types.ts'
import { IntercomNode, type NodeOptions } from '../../src/node.ts'
import { type Scope, temporaryFolder } from './tmp.ts'

export interface OpenedNode {
  readonly node: IntercomNode
  readonly sidechannels: Sidechannels
  readonly lines: string[]
}

/** A whole node with its sidechannels in the test's process, with flags as on the command line. */
export async function openNode(
  t: Scope,
  bootstrap: readonly HostPort[],
  flags: readonly string[] = [],
  folder = temporaryFolder(t),
  options: Partial<NodeOptions> = {}
): Promise<OpenedNode> {
  return (await prepareNode(t, bootstrap, flags, folder, options)).start()
}

export interface PreparedNode {
  readonly node: IntercomNode
  /** Of its log. */
  readonly lines: string[]
  /** Opens the sidechannels, which is when others begin to connect. */
  start(): Promise<OpenedNode>
}

/** The same in two steps, for tests that have to know the key in between. */
export async function prepareNode(
  t: Scope,
  bootstrap: readonly HostPort[],
  flags: readonly string[] = [],
  folder = temporaryFolder(t),
  options: Partial<NodeOptions> = {}
): Promise<PreparedNode> {
  const nodes = bootstrap.map(({ host, port }) => `${host}:${port}`).join(',')
  const { config } = resolveConfig(
    ['--peer-stores-directory', folder, '--dht-bootstrap', nodes, ...flags],
    {}
  )
  const lines: string[] = []
  const log = createLog({ level: 'debug', json: false, write: (line) => lines.push(line), now: Date.now })
  const node = new IntercomNode({ config, log, ...options })
  t.teardown(() => node.close(), { order: 30 })
  await node.ready()
  const start = async () => {
    const sidechannels = new Sidechannels(node)
    t.teardown(() => sidechannels.close(), { order: 20 })
    await sidechannels.ready()
    return { node, sidechannels, lines }
  }
  return { node, lines, start }
}
