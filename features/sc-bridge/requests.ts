import type { CheckedRequest } from '../../src/bridge/parse.ts'
import type { RequestType } from '../../src/bridge/protocol.ts'
import type { CheckedFields, ReplyFields, ReplyOf } from '../../src/bridge/types.ts'
import type { IntercomNode } from '../../src/node.ts'
import type { SidechannelPlane } from '../../src/planes.ts'
import type { BridgeClient } from './client.ts'
import { Refused } from './refusals.ts'
import { createSubnetHandlers } from './subnet-requests.ts'

/** What is only written as JSON may well be read-only. */
type Given<T> = T extends readonly (infer I)[]
  ? readonly Given<I>[]
  : T extends object
    ? { readonly [K in keyof T]: Given<T[K]> }
    : T
type Answered<T extends RequestType> = Given<ReplyFields<ReplyOf<T>>>

export type Handlers = {
  readonly [T in Exclude<RequestType, 'auth'>]: (
    fields: CheckedFields<T>,
    client: BridgeClient
  ) => Answered<T> | Promise<Answered<T>>
}

/** Answers every request but `auth`: the fields of its reply. What is refused throws. */
export function createRequestHandler(
  node: IntercomNode,
  plane: SidechannelPlane
): (client: BridgeClient, request: CheckedRequest) => object | Promise<object> {
  const handlers: Handlers = {
    async send(fields, client) {
      if (!plane.has(fields.channel) && !client.may('join')) {
        throw new Refused(
          'forbidden',
          'Send denied (this token may not join the channel first).',
          'Use a token that may "join", or have the channel joined.'
        )
      }
      const { result } = await plane.send(fields)
      return {
        channel: result.channel,
        messageId: result.id,
        neighbours: result.neighbours,
        queued: result.queued,
        joined: result.joined
      }
    },
    join(fields, client) {
      // An owner decides what everybody in the channel gets to read.
      if (fields.owner !== undefined && plane.has(fields.channel) && !client.may('admin'))
        throw new Refused(
          'forbidden',
          'Join denied (this token may not name an owner for a joined channel).',
          'Use a token that may "admin".'
        )
      return plane.join(fields).result
    },
    leave: ({ channel }) => {
      const ok = channel !== plane.entryChannel && plane.has(channel)
      if (ok) plane.leave({ channel })
      return { channel, ok }
    },
    async open(fields) {
      const { channel, via, neighbours } = (await plane.open(fields)).result
      return { channel, via, neighbours }
    },
    stats: (_, client) => ({
      channels: plane.names().filter((name) => client.mayUse(name)),
      connectionCount: node.network.neighbours.size,
      sidechannelStarted: plane.started
    }),
    info: (_, client) => ({ info: info(node, plane, client) }),
    subscribe: (fields, client) => client.subscribe(fields),
    unsubscribe: (fields, client) => client.unsubscribe(fields),
    set_filter: ({ filter }, client) => client.filter(filter),
    clear_filter: (_, client) => client.filter(''),
    ping: () => ({ ts: node.now() }),
    async cli({ command }, client) {
      const outcome = await node.commands.run(command, client.caller)
      if (outcome.ok) {
        const { lines, result } = outcome.output
        return { command, ok: true, output: lines, error: null, result: result ?? null }
      }
      const { message, next } = outcome.error
      return { command, ok: false, output: [], error: `${message} ${next}`, result: null }
    },
    welcome: (fields) => {
      const { channel, owner, welcome, welcome_b64, joiner, join } = plane.welcome(fields).result
      return { channel, owner, welcome: { ...welcome }, welcome_b64, joiner, join }
    },
    invite: (fields) => {
      const { channel, invite, invite_b64, notes, joiner, join } = plane.invite(fields).result
      return { channel, invite: { ...invite }, invite_b64, notes, joiner, join }
    },
    pending: (_, client) => ({
      requests: plane.pending().result.filter(({ channel }) => client.mayUse(channel))
    }),
    accept: (fields) => plane.accept(fields).result,
    peers: (_, client) => ({ peers: peers(node, plane, client) }),
    health: () => ({ health: node.health() }),
    ...createSubnetHandlers(node)
  }
  // The row of a type takes the fields of that type; the compiler cannot follow it through the union.
  const handlerOf = (type: RequestType) => handlers[type as Exclude<RequestType, 'auth'>] as Handlers['ping']
  return (client, { type, fields }) => handlerOf(type)(fields as CheckedFields<'ping'>, client)
}

function info(node: IntercomNode, plane: SidechannelPlane, client: BridgeClient) {
  const { dhtBootstrap } = node.config
  const subnet = client.mayUseSubnet ? node.planes.subnet : null
  return {
    msbBootstrap: null,
    msbChannel: null,
    msbStore: null,
    msbDhtBootstrap: null,
    peerStore: node.store.folder,
    peerDhtBootstrap: dhtBootstrap?.map(({ host, port }) => `${host}:${port}`) ?? null,
    subnetBootstrap: subnet?.bootstrap ?? null,
    subnetChannel: subnet?.channel ?? null,
    peerPubkey: node.key,
    peerTracAddress: node.address,
    peerWriterKey: subnet?.writerKey ?? null,
    sidechannelEntry: plane.entryChannel,
    sidechannelExtras: plane.names().filter((name) => name !== plane.entryChannel && client.mayUse(name))
  }
}

function peers(node: IntercomNode, plane: SidechannelPlane, client: BridgeClient) {
  return [...node.network.neighbours.values()].map((neighbour) => {
    const { channels, drops } = plane.peer(neighbour.key)
    const bytes = neighbour.bytes()
    return {
      key: neighbour.key,
      since: neighbour.since,
      channels: channels.filter(({ channel }) => client.mayUse(channel)),
      rttMs: neighbour.rtt(),
      bytesIn: bytes.in,
      bytesOut: bytes.out,
      drops
    }
  })
}
