/** For programs that embed a node instead of starting one. */

export { IntercomError } from './base/errors.ts'
export { createLog, type Log, type LogLevel } from './base/log.ts'
export type { Config } from './config/flags.ts'
export { resolveConfig } from './config/resolve.ts'
export { IntercomNode, type NodeOptions } from './node.ts'
