import b4a from 'b4a'
import { json } from 'compact-encoding'
import DHT from 'hyperdht'
import Hyperswarm, { type Connection } from 'hyperswarm'
import Protomux from 'protomux'
import type { ChannelName } from '../../features/sidechannel/names.ts'
import type { Sidechannels } from '../../features/sidechannel/sidechannels.ts'
import { deferred } from '../../src/base/deferred.ts'
import type { Hex32 } from '../../src/base/hex.ts'
import type { HostPort } from '../../src/config/types.ts'
import { LOOPBACK } from '../../src/network/local-dht.ts'
import type { NodeOptions } from '../../src/node.ts'
import { type OpenedNode, openNode } from '../../tests/helpers/node.ts'
import { once, seedKeyPair } from '../../tests/helpers/swarm.ts'
import type { Scope } from '../../tests/helpers/tmp.ts'

export const CHANNEL = 'bench' as ChannelName
const QUIET = ['--sidechannel-welcome-required', '0', '--subnet', '0']
export const OFF = ['--sidechannel-pow', '0', '--sidechannel-rate-bytes', '0']

/** What both our pairs and the raw ones look like to a benchmark. */
export interface Line {
  /** Hands one message over; resolves when it was taken. */
  send(message: unknown): Promise<unknown>
  /** Called for each message that came out at the other end. */
  onmessage: (message: unknown) => void
}

export function openMember(
  scope: Scope,
  bootstrap: readonly HostPort[],
  flags: readonly string[],
  options: Partial<NodeOptions> = {}
): Promise<OpenedNode> {
  const all = [...QUIET, '--sidechannels', CHANNEL, ...flags]
  return openNode(scope, bootstrap, all, undefined, options)
}

/** Resolves once so many neighbours take part in the channel. */
export async function neighboursOf(sidechannels: Sidechannels, count: number): Promise<void> {
  while ((sidechannels.channels.get(CHANNEL)?.sessions.length ?? 0) < count) await turn()
}

export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5))
}

/** Two nodes of ours, one the neighbour of the other. */
export async function openPair(
  scope: Scope,
  bootstrap: readonly HostPort[],
  flags: readonly string[]
): Promise<Line & { readonly from: OpenedNode; readonly to: OpenedNode }> {
  const from = await openMember(scope, bootstrap, flags)
  const to = await openMember(scope, bootstrap, flags)
  await Promise.all([neighboursOf(from.sidechannels, 1), neighboursOf(to.sidechannels, 1)])
  return lineOf(from, to)
}

export function lineOf(
  from: OpenedNode,
  to: OpenedNode
): Line & { readonly from: OpenedNode; readonly to: OpenedNode } {
  const line = {
    from,
    to,
    send: (message: unknown) => from.sidechannels.send(CHANNEL, message),
    onmessage: (_message: unknown) => {}
  }
  to.sidechannels.on('message', ({ message }) => line.onmessage(message.message))
  return line
}

/** Two nodes that reach each other only through a third. */
export async function openThroughRelay(scope: Scope, bootstrap: readonly HostPort[]): Promise<Line> {
  const relay = await openMember(scope, bootstrap, OFF)
  const from = await openMember(scope, bootstrap, OFF)
  const apart = { firewall: (key: Hex32) => key === from.node.key }
  const to = await openMember(scope, bootstrap, OFF, apart)
  await Promise.all([neighboursOf(relay.sidechannels, 2), neighboursOf(to.sidechannels, 1)])
  return lineOf(from, to)
}

/** What is done to a message at the raw ends, and where it is passed on. */
export interface RawWork {
  readonly seal?: (message: unknown) => unknown
  readonly open?: (sealed: unknown) => unknown
  readonly pass?: (sealed: unknown) => unknown
}

/**
 * Swarms with nothing of ours on the same DHT, set up as ours are; with two hops there is one between. Keys and
 * topics are numbered from `first` on.
 */
export async function openRaw(
  scope: Scope,
  bootstrap: readonly HostPort[],
  { seal = same, open = same, pass = same }: RawWork = {},
  hops = 1,
  first = 100
): Promise<Line> {
  const line: Line = { send: () => Promise.resolve(), onmessage: () => {} }
  let send = await connectRaw(scope, bootstrap, first, (sealed) => line.onmessage(open(sealed)))
  for (let hop = 1; hop < hops; hop++) {
    const next = send
    send = await connectRaw(scope, bootstrap, first + hop, (sealed) => void next(pass(sealed)))
  }
  line.send = (message) => send(seal(message))
  return line
}

function same(message: unknown): unknown {
  return message
}

async function connectRaw(
  scope: Scope,
  bootstrap: readonly HostPort[],
  topic: number,
  onmessage: (message: unknown) => void
): Promise<(message: unknown) => Promise<unknown>> {
  const sender = openRawEnd(scope, bootstrap, topic, topic, () => {})
  await openRawEnd(scope, bootstrap, topic + 50, topic, onmessage)
  const { send, drained } = await sender
  return async (message) => {
    if (!send(message)) await drained()
  }
}

/** A swarm with nothing of ours, once it is connected to another on that topic. */
export async function openRawEnd(
  scope: Scope,
  bootstrap: readonly HostPort[],
  key: number,
  topic: number,
  onmessage: (message: unknown) => void
): Promise<JsonEnd> {
  const nodes = bootstrap.map(({ host, port }) => `${host}:${port}`)
  const dht = new DHT({ bootstrap: nodes, host: LOOPBACK, firewalled: false })
  const swarm = new Hyperswarm({ dht, keyPair: seedKeyPair(key) })
  scope.teardown(() => swarm.destroy(), { order: 20 })
  const connected = once<Connection>(swarm, 'connection')
  const discovery = swarm.join(b4a.alloc(32, topic))
  // Whoever looks again once it is announced itself, and last, finds the other.
  void discovery.flushed().then(() => discovery.refresh())
  const connection = await connected
  // It ends with its swarm.
  connection.on('error', () => {})
  return openJson(connection, onmessage)
}

export interface JsonEnd {
  send(message: unknown): boolean
  drained(): Promise<void>
  readonly closed: Promise<void>
}

function openJson(connection: Connection, onmessage: (message: unknown) => void): JsonEnd {
  let drained: () => void = () => {}
  const closed = deferred<void>()
  const handlers = { ondrain: () => drained(), onclose: () => closed.resolve() }
  const channel = Protomux.from(connection).createChannel({ protocol: 'raw', ...handlers })
  if (channel === null) throw new Error('the raw channel did not open')
  const { send } = channel.addMessage<unknown>({ encoding: json, onmessage })
  channel.open()
  return { send, drained: () => new Promise((resolve) => (drained = resolve)), closed: closed.promise }
}
