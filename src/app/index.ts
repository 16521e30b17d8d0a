/** What apps are written against, as `intercom/app`: contracts, protocols and features. */

export { fromBigIntString, safeBigInt, toBigIntString } from './amounts.ts'
export { type Assert, AssertionError, assert } from './assert.ts'
export { Contract, type RunContext } from './contract.ts'
export { Feature, type FeatureHost } from './feature.ts'
export { type ErrorLike, getError, safeClone, safeJsonParse, safeJsonStringify } from './json.ts'
export { parseArgs } from './parse-args.ts'
export type { Dispatch } from './payloads.ts'
export type { PreparedMessage } from './prepared-message.ts'
export { type AppCommand, type Command, Protocol, type ProtocolBase, type ProtocolPeer } from './protocol.ts'
export { type ApiHost, ProtocolApi } from './protocol-api.ts'
export type { ContractSchema } from './validator.ts'
