import { type BridgeClient, connectWith } from './client.ts'
import { BridgeError } from './errors.ts'
import type { ConnectOptions } from './options.ts'
import type { WebSocketClass } from './socket.ts'

export type { BridgeEvent, ChatEvent, Reply, SidechannelMessage, StateChange } from '../bridge/types.ts'
export type { ChangeStream } from './changes.ts'
export type { ChatStream } from './chat.ts'
export type { BridgeClient } from './client.ts'
export type { Clock } from './clock.ts'
export { BridgeError, CLIENT_CODES, type ClientCode, GapError } from './errors.ts'
export type { ClientRequest, Fields } from './fields.ts'
export type { AnyGap, ChatGap, Gap, GapReason, StateGap, SubnetGapReason } from './gap.ts'
export type { Hello } from './link.ts'
export type { AbortSignalLike } from './loop.ts'
export {
  type ChangesOptions,
  type ChatOptions,
  type ConnectOptions,
  DEFAULT_URL,
  type MessagesOptions,
  type ReconnectOptions,
  type RequestOptions
} from './options.ts'
export type { ClientEvents } from './session.ts'
export type { SocketEvent, WebSocketClass, WebSocketLike } from './socket.ts'
export type { MessageStream } from './stream.ts'

/** Connects to the SC-Bridge of a node and authenticates. */
export function connect(options: ConnectOptions): Promise<BridgeClient> {
  if (options.ca !== undefined && options.WebSocket === undefined) {
    const error = new BridgeError(
      'cannot_connect',
      'The WebSocket of this runtime takes no certificate to trust.',
      {
        next: 'On Node start the process with NODE_EXTRA_CA_CERTS=<file>; in a browser let the system trust it.'
      }
    )
    return Promise.reject(error)
  }
  return connectWith(options, globalThis.WebSocket as WebSocketClass | undefined)
}
