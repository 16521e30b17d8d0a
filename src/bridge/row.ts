import * as v from 'valibot'

/** What a token may be allowed to do; the main token may do all of it. */
export const CAPABILITIES = {
  read: 'get events, ask for the state of the node and of its subnet',
  send: 'send messages, post and make transactions in the subnet',
  join: 'join, leave and open channels, accept requests',
  admin: 'sign invites and welcomes, operate the subnet',
  cli: 'run terminal commands, where the node has that switched on'
} as const

export type Capability = keyof typeof CAPABILITIES

export interface RequestRow<R extends string = string> {
  /** Besides `type` and `id`. */
  readonly fields: v.ObjectEntries
  /** `null`: needs none, only the authentication. */
  readonly needs: Capability | null
  /** Type of the reply. */
  readonly reply: R
  readonly help: string
  readonly example: Readonly<Record<string, unknown>>
}

export interface EventRow {
  readonly fields: v.ObjectEntries
  readonly help: string
}

export function request<
  const F extends v.ObjectEntries,
  const N extends Capability | null,
  const R extends string
>(fields: F, needs: N, reply: R, help: string, example: Readonly<Record<string, unknown>> = {}) {
  return { fields, needs, reply, help, example }
}

export const stringOrNull = v.nullable(v.string())
export const numberOrNull = v.nullable(v.number())
export const strings = v.array(v.string())
export const object = v.record(v.string(), v.unknown())

export { said } from '../schema/said.ts'
