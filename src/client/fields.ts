import type { RequestType } from '../bridge/protocol.ts'
import type { RequestFields } from '../bridge/types.ts'

/** What may be asked once authenticated. */
export type ClientRequest = Exclude<RequestType, 'auth'>

/** What a request takes. An invite or a welcome is the object, its JSON, or base64 of that. */
export type Fields<T extends RequestType> = {
  [F in keyof RequestFields<T>]: F extends 'invite' | 'welcome'
    ? object | string | undefined
    : RequestFields<T>[F]
}

/** Those that have no parameter of their own. */
export type Rest<T extends RequestType, K extends string> = Omit<Fields<T>, K>
