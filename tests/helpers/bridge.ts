import { ScBridge } from '../../features/sc-bridge/bridge.ts'
import { bindSidechannelCommands } from '../../features/sidechannel/commands.ts'
import { openAccess } from '../../src/access/access.ts'
import type { HostPort } from '../../src/config/types.ts'
import type { NodeOptions } from '../../src/node.ts'
import { bindNodeCommands } from '../../src/node-commands.ts'
import { type OpenedNode, openNode } from './node.ts'
import type { Scope } from './tmp.ts'

export const TOKEN = '0123456789abcdef0123456789abcdef'

export const BRIDGE_FLAGS = ['--sc-bridge', '1', '--sc-bridge-port', '0', '--sc-bridge-token', TOKEN]

export interface OpenedBridge extends OpenedNode {
  readonly bridge: ScBridge
  readonly port: number
  readonly url: string
}

/** A whole node with its bridge in the test's process, on a free port, with flags as on the command line. */
export async function openBridge(
  t: Scope,
  bootstrap: readonly HostPort[],
  flags: readonly string[] = [],
  folder?: string,
  options: Partial<NodeOptions> = {}
): Promise<OpenedBridge> {
  const opened = await openNode(t, bootstrap, [...BRIDGE_FLAGS, ...flags], folder, options)
  return addBridge(t, opened)
}

/** The bridge of a node that was started with its flags. */
export async function addBridge(t: Scope, opened: OpenedNode): Promise<OpenedBridge> {
  const { node, sidechannels } = opened
  bindNodeCommands(node, () => {})
  bindSidechannelCommands(node, sidechannels)
  const bridge = new ScBridge(node, await openAccess(node))
  t.teardown(() => bridge.close(), { order: 10 })
  await bridge.ready()
  const { port } = bridge.listening
  return { ...opened, bridge, port, url: `ws://127.0.0.1:${port}` }
}
