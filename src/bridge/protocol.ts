import * as v from 'valibot'
import { NODE_EVENTS, NODE_REPLIES, NODE_REQUESTS } from './planes/node.ts'
import { SIDECHANNEL_EVENTS, SIDECHANNEL_REPLIES, SIDECHANNEL_REQUESTS } from './planes/sidechannel.ts'
import { SUBNET_REQUESTS } from './planes/subnet.ts'
import { SUBNET_EVENTS, SUBNET_REPLIES } from './planes/subnet-replies.ts'
import { type EventRow, type RequestRow as Row, said } from './row.ts'

export { CAPABILITIES, type Capability } from './row.ts'

/** The fields of each reply, besides `type` and the `id` of its request. */
export const REPLIES = {
  ...NODE_REPLIES,
  ...SIDECHANNEL_REPLIES,
  ...SUBNET_REPLIES
} as const satisfies Record<string, v.ObjectEntries>

export type ReplyType = keyof typeof REPLIES
export type RequestRow = Row<ReplyType>

/** Every request. Checks at run time, types, error sentences and the reference come from here. */
export const REQUESTS = {
  ...NODE_REQUESTS,
  ...SIDECHANNEL_REQUESTS,
  ...SUBNET_REQUESTS
} as const satisfies Record<string, RequestRow>

export type RequestType = keyof typeof REQUESTS
export type SubnetRequestType = keyof typeof SUBNET_REQUESTS

export function isRequestType(type: unknown): type is RequestType {
  return typeof type === 'string' && Object.hasOwn(REQUESTS, type)
}

export function isSubnetRequest(type: RequestType): type is SubnetRequestType {
  return Object.hasOwn(SUBNET_REQUESTS, type)
}

const count = v.number()
const range = v.object({ from: count, to: count })

/** What the node sends by itself. */
export const EVENTS = {
  ...NODE_EVENTS,
  ...SIDECHANNEL_EVENTS,
  ...SUBNET_EVENTS,
  lagged: {
    fields: {
      dropped: said(count, 'How many events this client was too slow for.'),
      channels: said(
        v.record(v.string(), range),
        'What is missing of sidechannels, by `seq`; `subscribe` with `since` brings back what the node still holds.'
      ),
      state: v.optional(
        said(
          v.literal(true),
          'Changes of the state were dropped: read again what is watched, with `list` or `get`.'
        )
      ),
      chat: v.optional(
        said(range, 'Between which places messages of the chat were dropped; `messages` has them.')
      )
    },
    help: 'This client is too slow: events were dropped, and this is what is missing.'
  }
} as const satisfies Record<string, EventRow>

export type EventType = keyof typeof EVENTS
