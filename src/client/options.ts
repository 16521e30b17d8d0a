import { CLOCK, type Clock } from './clock.ts'
import { BridgeError } from './errors.ts'
import type { ChatGap, Gap, StateGap } from './gap.ts'
import type { AbortSignalLike } from './loop.ts'
import type { WebSocketClass } from './socket.ts'

export interface ReconnectOptions {
  /** Before the first attempt; doubles with each (100). */
  readonly minMs?: number
  /** The most (10 000). */
  readonly maxMs?: number
  /** After how many that failed in a row the client gives up (never). */
  readonly attempts?: number
  /** From 0 to below 1 (Math.random). */
  readonly random?: () => number
}

export interface ConnectOptions {
  /** Of the bridge (`ws://127.0.0.1:49222`). */
  readonly url?: string
  readonly token: string
  /** Whether a connection that is lost is made again (yes). */
  readonly reconnect?: boolean | ReconnectOptions
  /** How long connecting, and each request, may take (30 000). */
  readonly timeoutMs?: number
  /** After how long without a word the node is asked whether it is there; 0: never (30 000). */
  readonly heartbeatMs?: number
  /** PEM of the certificate to trust, where no public authority signed it. Only on Bare. */
  readonly ca?: string
  /** What connections are made with (the runtime's own). */
  readonly WebSocket?: WebSocketClass
  readonly clock?: Clock
}

export interface RequestOptions {
  readonly timeoutMs?: number | undefined
}

export interface MessagesOptions {
  /** Only of this channel. Without it and `channels`: of every one. */
  readonly channel?: string
  readonly channels?: readonly string[]
  /**
   * Also what came after this `seq` of the one channel, or after those of several: a channel that is not
   * in the object is given from its first message on. `epoch` says to which start of the node they belong.
   */
  readonly since?: number | Readonly<Record<string, number>>
  readonly epoch?: string
  readonly signal?: AbortSignalLike
  /** How many messages wait for the loop (1000). What does not fit is asked for again later. */
  readonly maxBuffered?: number
  /** Told of messages that are missing, at their place. Without it the loop ends with an error. */
  readonly onGap?: (gap: Gap) => unknown
}

export interface ChangesOptions {
  /** How the keys begin; `''` stands for every key. */
  readonly prefixes: readonly string[]
  readonly signal?: AbortSignalLike
  /** How many keys wait for the loop, each with its latest value (10 000). */
  readonly maxBuffered?: number
  /** Told that changes are missing: whoever needs all of them reads again. Without it the loop ends with an error. */
  readonly onGap?: (gap: StateGap) => unknown
}

export interface ChatOptions {
  readonly signal?: AbortSignalLike
  /** How many messages wait for the loop (1000). What does not fit is a gap. */
  readonly maxBuffered?: number
  /** Told of messages that may be missing, at their place. Without it the loop ends with an error. */
  readonly onGap?: (gap: ChatGap) => unknown
}

export interface Settings {
  readonly url: string
  readonly token: string
  readonly timeoutMs: number
  readonly heartbeatMs: number
  readonly reconnect: Required<ReconnectOptions> | null
  readonly WebSocket: WebSocketClass
  readonly clock: Clock
}

export const DEFAULT_URL = 'ws://127.0.0.1:49222'

export function settingsOf(options: ConnectOptions, builtIn: WebSocketClass | undefined): Settings {
  const WebSocket = options.WebSocket ?? builtIn
  if (WebSocket === undefined) {
    throw new BridgeError('cannot_connect', 'This runtime has no WebSocket of its own.', {
      next: 'Give one as options.WebSocket, or use Node >= 22.'
    })
  }
  const { reconnect = true, timeoutMs = 30_000, heartbeatMs = 30_000 } = options
  const times = reconnect === true ? {} : reconnect || null
  return {
    url: options.url ?? DEFAULT_URL,
    token: options.token,
    timeoutMs,
    heartbeatMs,
    reconnect: times && { minMs: 100, maxMs: 10_000, attempts: Infinity, random: Math.random, ...times },
    WebSocket,
    clock: options.clock ?? CLOCK
  }
}
