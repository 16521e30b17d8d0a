import type * as v from 'valibot'
import type { BridgeCode } from './codes.ts'
import type { EVENTS, EventType, REPLIES, REQUESTS, ReplyType, RequestType } from './protocol.ts'

type Output<F extends v.ObjectEntries> = v.InferOutput<v.ObjectSchema<F, undefined>>
type Input<F extends v.ObjectEntries> = v.InferInput<v.ObjectSchema<F, undefined>>

/** The fields of a request as a client gives them. */
export type RequestFields<T extends RequestType> = Input<(typeof REQUESTS)[T]['fields']>
/** The same once checked. */
export type CheckedFields<T extends RequestType> = Output<(typeof REQUESTS)[T]['fields']>

export type ReplyOf<T extends RequestType> = (typeof REQUESTS)[T]['reply']
export type ReplyFields<T extends ReplyType> = Output<(typeof REPLIES)[T]>
/** The reply to a request, as it travels. */
export type Reply<T extends RequestType> = { readonly type: ReplyOf<T> } & ReplyFields<ReplyOf<T>>

export type EventFields<T extends EventType> = Output<(typeof EVENTS)[T]['fields']>
export type BridgeEvent<T extends EventType = EventType> = {
  [E in T]: { readonly type: E } & EventFields<E>
}[T]

export type SidechannelMessage = BridgeEvent<'sidechannel_message'>
export type StateChange = BridgeEvent<'state_changed'>
export type ChatEvent = BridgeEvent<'chat_message'>

/** The answer to a request that is refused. */
export interface ErrorReply {
  readonly type: 'error'
  readonly id?: number
  /** For people; the deployed sentences are kept word for word. */
  readonly error: string
  readonly code: BridgeCode
  /** More than the sentence says, and what to do about it. */
  readonly detail?: string
  readonly next: string
}
