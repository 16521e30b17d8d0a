import type { Throttle } from '../../src/access/throttle.ts'
import type { Access } from '../../src/access/tokens.ts'
import type { Log, LogFields } from '../../src/base/log.ts'
import type { BridgeCode } from '../../src/bridge/codes.ts'
import type { CheckedRequest } from '../../src/bridge/parse.ts'
import type { RequestType } from '../../src/bridge/protocol.ts'
import type { BridgeEvent } from '../../src/bridge/types.ts'
import type { BridgeClient } from './client.ts'
import type { History } from './history.ts'

/** What is counted for the metrics. */
export interface Counts {
  request(type: RequestType | 'other', outcome: BridgeCode | 'ok'): void
  sent(events?: number): void
  dropped(events: number): void
  wrongToken(): void
}

/** What all clients of a bridge share. */
export interface Hub {
  readonly log: Log
  readonly now: () => number
  readonly history: History
  readonly throttle: Throttle
  /** Whoever guesses as fast as it can must not fill the log. */
  readonly complainOfToken: (fields: LogFields) => void
  readonly counts: Counts
  /** Another one at each start of the node. */
  readonly epoch: string
  readonly entryChannel: string
  readonly defaultFilter: string
  /** Filters apply to these only; `null`: to all. */
  readonly filterChannels: ReadonlySet<string> | null
  readonly allowsCli: boolean
  /** The largest frame of a client that is authenticated. */
  readonly maxFrameBytes: number
  hello(): BridgeEvent<'hello'>
  authenticate(token: string): Access | null
  /** The fields of the reply; what is refused throws. */
  handle(client: BridgeClient, request: CheckedRequest): object | Promise<object>
}
