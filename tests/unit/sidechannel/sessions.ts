import type { hex32 } from '../../../src/base/hex.ts'
import type { Session } from '../../../src/network/protocols.ts'

/** A session that keeps what is sent on it. */
export function fakeSession(key: string) {
  const sent: Uint8Array[] = []
  const neighbour = {
    ...{ key: key as ReturnType<typeof hex32>, initiator: true, since: 0 },
    bytes: () => ({ in: 0, out: 0 }),
    rtt: () => null,
    disconnect: () => undefined
  }
  const session = {
    ...{ neighbour, sent, open: true, drained: true },
    send(bytes: Uint8Array) {
      sent.push(bytes)
      return session.drained
    },
    close() {
      session.open = false
    }
  }
  return session satisfies Session
}
