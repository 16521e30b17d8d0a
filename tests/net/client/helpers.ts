import type { Assertions } from 'brittle'
import { type BridgeClient, type ConnectOptions, connect, type SidechannelMessage } from '#client'
import { type OpenedBridge, openBridge, TOKEN } from '../../helpers/bridge.ts'
import { neighbours } from '../../helpers/heard.ts'
import { type OpenedNode, openNode } from '../../helpers/node.ts'
import { startDht } from '../../helpers/swarm.ts'
import type { Scope } from '../../helpers/tmp.ts'
import { name } from '../../unit/sidechannel/helpers.ts'

export { TOKEN }
export const ENTRY = name('0000intercom')
/** No work, no limits of rate, no welcome: what is tested is the client. */
export const FAST = [
  '--sidechannel-pow',
  '0',
  '--sidechannel-rate-bytes',
  '0',
  '--sidechannel-welcome-required',
  '0'
]

export interface Pair {
  readonly node: OpenedBridge
  /** Who writes what the clients of the node read. */
  readonly sender: OpenedNode
}

/** A node with its bridge, and a neighbour in the entry channel and in these. */
export async function openPair(
  t: Scope,
  flags: readonly string[] = [],
  channels: readonly string[] = []
): Promise<Pair> {
  const bootstrap = await startDht(t)
  const named = channels.length > 0 ? ['--sidechannels', channels.join(',')] : []
  const sender = await openNode(t, bootstrap, [...FAST, ...named])
  const node = await openBridge(t, bootstrap, [...FAST, ...named, ...flags])
  for (const channel of [ENTRY, ...channels.map(name)]) {
    await Promise.all([sender, node].map(({ sidechannels }) => neighbours(sidechannels, channel, 1)))
  }
  return { node, sender }
}

/** A client that the end of the test closes. */
export async function connectTo(
  t: Scope,
  url: string,
  options: Partial<ConnectOptions> = {}
): Promise<BridgeClient> {
  const client = await connect({ url, token: TOKEN, ...options })
  t.teardown(() => client.close())
  return client
}

/** The next so many messages. */
export async function take(
  messages: AsyncIterator<SidechannelMessage>,
  count: number
): Promise<SidechannelMessage[]> {
  const taken: SidechannelMessage[] = []
  while (taken.length < count) {
    const { done, value } = await messages.next()
    if (done) throw new Error(`the iterator ended after ${taken.length} messages`)
    taken.push(value)
  }
  return taken
}

export async function says(messages: AsyncIterator<SidechannelMessage>, count: number): Promise<unknown[]> {
  return (await take(messages, count)).map(({ message }) => message)
}

/** The error with which the promise fails. */
export async function failure(
  t: Assertions,
  promise: Promise<unknown>
): Promise<Error & { readonly code?: string }> {
  try {
    await promise
  } catch (error) {
    return error as Error
  }
  t.fail('it did not fail')
  return new Error()
}

/** A signal, where the runtime has none of its own. */
export function abortable(reason: Error) {
  let abort: () => void = () => {}
  const signal = {
    aborted: false,
    reason,
    addEventListener: (_: 'abort', listener: () => void) => {
      abort = listener
    },
    removeEventListener: () => {}
  }
  return { signal, abort: () => abort() }
}
