import { BareWebSocket } from './bare-socket.ts'
import { type BridgeClient, connectWith } from './client.ts'
import type { ConnectOptions } from './options.ts'

export * from './index.ts'

/** The same on Bare, which has no WebSocket of its own. */
export function connect(options: ConnectOptions): Promise<BridgeClient> {
  const { ca } = options
  if (ca === undefined) return connectWith(options, BareWebSocket)
  return connectWith(
    options,
    class extends BareWebSocket {
      constructor(url: string) {
        super(url, ca)
      }
    }
  )
}
