import type { Assertions } from 'brittle'
import type { ChannelName } from '../../../features/sidechannel/names.ts'
import type { HostPort } from '../../../src/config/types.ts'
import { type OpenedBridge, openBridge, TOKEN } from '../../helpers/bridge.ts'
import { isMessage, type Json, RawClient } from '../../helpers/bridge-client.ts'
import { neighbours } from '../../helpers/heard.ts'
import type { OpenedNode } from '../../helpers/node.ts'
import { RawWebSocket } from '../../helpers/raw-websocket.ts'
import { startDht } from '../../helpers/swarm.ts'
import type { Scope } from '../../helpers/tmp.ts'
import { name } from '../../unit/sidechannel/helpers.ts'

export const ENTRY = name('0000intercom')
export const ONE = name('one')
export const TWO = name('two')
/** No work, no limits of rate: what is tested is the bridge. */
export const FAST = ['--sidechannel-pow', '0', '--sidechannel-rate-bytes', '0']
/** Channels that ask for nothing. */
export const OPEN = [...FAST, '--sidechannel-welcome-required', '0']

export async function openOne(t: Scope, flags: readonly string[] = OPEN): Promise<OpenedBridge> {
  return openBridge(t, await startDht(t), flags)
}

/** So many nodes with their bridges, all of them connected in the entry channel and in these. */
export async function openNodes(
  t: Scope,
  count: number,
  flags: (index: number, keys: readonly string[]) => readonly string[] = () => OPEN,
  channels: readonly ChannelName[] = []
): Promise<OpenedBridge[]> {
  const bootstrap = await startDht(t)
  const nodes: OpenedBridge[] = []
  for (let index = 0; index < count; index++) {
    const keys = nodes.map(({ node }) => node.key)
    const named = channels.length > 0 ? ['--sidechannels', channels.join(',')] : []
    nodes.push(await openBridge(t, bootstrap, [...flags(index, keys), ...named]))
  }
  await meet(nodes, [ENTRY, ...channels])
  return nodes
}

/** Resolves once all of them are neighbours of each other in these channels. */
export async function meet(nodes: readonly OpenedNode[], channels: readonly ChannelName[]): Promise<void> {
  const all = nodes.flatMap(({ sidechannels }) =>
    channels.map((channel) => neighbours(sidechannels, channel, nodes.length - 1))
  )
  await Promise.all(all)
}

/** A node and another that talks to it in three channels. */
export async function openTalk(t: Scope, flags: readonly string[] = []) {
  const nodes = await openNodes(t, 2, () => [...OPEN, ...flags], [ONE, TWO])
  const [node, other] = nodes as [OpenedBridge, OpenedBridge]
  /** The same in each of them. */
  const say = async (...messages: unknown[]) => {
    for (const message of messages)
      for (const channel of [ENTRY, ONE, TWO]) await other.sidechannels.send(channel, message)
  }
  return { node, other, say }
}

/** A node whose neighbours are only those that `mayMeet` names. */
export async function openApart(
  t: Scope,
  bootstrap: readonly HostPort[],
  mayMeet: (key: string) => boolean,
  flags: readonly string[] = OPEN
): Promise<OpenedBridge> {
  return openBridge(t, bootstrap, flags, undefined, { firewall: (key) => !mayMeet(key) })
}

/** Connected, hello read, nothing said yet. */
export async function stranger(t: Scope, port: number): Promise<RawWebSocket> {
  const socket = await RawWebSocket.connect(t, port)
  const hello = await socket.nextJson<Json>()
  if (hello.type !== 'hello') throw new Error(`expected hello, got ${JSON.stringify(hello)}`)
  return socket
}

export function connect(t: Scope, { port }: OpenedBridge, token = TOKEN): Promise<RawClient> {
  return RawClient.connect(t, port, token)
}

/** The reply without its id. */
export async function ask(client: RawClient, request: object): Promise<Json> {
  const { id: _, ...reply } = await client.ask(request)
  return reply as Json
}

/** The next so many messages, as [channel, message]. */
export async function hearNext(client: RawClient, count: number): Promise<unknown[]> {
  const heard: unknown[] = []
  while (heard.length < count) {
    const { channel, message } = await client.nextMessage()
    heard.push([channel, message])
  }
  return heard
}

/** What an error reply has to be: word for word, with its code and a next step. */
export function isRefused(t: Assertions, reply: Json, error: string, code: string): void {
  const { type, next, ...rest } = reply
  t.alike([type, rest.error, rest.code], ['error', error, code], JSON.stringify(reply).slice(0, 300))
  t.ok(typeof next === 'string' && next.length > 0, 'a next step')
}

export { isMessage, type Json, RawClient }
