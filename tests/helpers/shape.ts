import type { ChannelName } from '../../features/sidechannel/names.ts'
import type { HostPort } from '../../src/config/types.ts'
import { neighbours } from './heard.ts'
import { type OpenedNode, type PreparedNode, prepareNode } from './node.ts'
import { type Scope, temporaryFolder } from './tmp.ts'

export type Edge = readonly [number, number]

export interface Shape {
  readonly edges: readonly Edge[]
  readonly nodes: number
  readonly channel: ChannelName
  /** `keys` of the nodes before this one. */
  readonly flags: (index: number, keys: readonly string[]) => readonly string[]
  readonly now?: () => number
}

/** So many nodes in one channel, each connected with those that its edges name and with nobody else. */
export async function openShape(
  t: Scope,
  bootstrap: readonly HostPort[],
  { edges, nodes, channel, flags, now = Date.now }: Shape
): Promise<OpenedNode[]> {
  const keys: string[] = []
  const prepared: PreparedNode[] = []
  for (let index = 0; index < nodes; index++) {
    const firewall = (key: string) => {
      const other = keys.indexOf(key)
      return !edges.some(([a, b]) => (a === index && b === other) || (a === other && b === index))
    }
    const given = ['--subnet', '0', '--sidechannels', channel, ...flags(index, keys)]
    const next = await prepareNode(t, bootstrap, given, temporaryFolder(t), { firewall, now })
    keys.push(next.node.key)
    prepared.push(next)
  }
  const opened = await Promise.all(prepared.map((each) => each.start()))
  const degree = (index: number) => edges.filter((edge) => edge.includes(index)).length
  await Promise.all(opened.map(({ sidechannels }, index) => neighbours(sidechannels, channel, degree(index))))
  return opened
}

/** 0 - 1 - 2 - … */
export function chain(nodes: number): Edge[] {
  return Array.from({ length: nodes - 1 }, (_, index): Edge => [index, index + 1])
}

export function ring(nodes: number): Edge[] {
  return [...chain(nodes), [nodes - 1, 0]]
}

/** All around the first one. */
export function star(nodes: number): Edge[] {
  return Array.from({ length: nodes - 1 }, (_, index): Edge => [0, index + 1])
}

/** Connected, with a few edges more than it takes for that; the same for the same seed. */
export function randomGraph(nodes: number, more: number, seed: number): Edge[] {
  let state = seed
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  const edges = new Map<string, Edge>()
  const add = (a: number, b: number) => {
    if (a !== b) edges.set(`${Math.min(a, b)} ${Math.max(a, b)}`, [Math.min(a, b), Math.max(a, b)])
  }
  for (let index = 1; index < nodes; index++) add(index, below(index))
  while (edges.size < nodes - 1 + more) add(below(nodes), below(nodes))
  return [...edges.values()]
}
