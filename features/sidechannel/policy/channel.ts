import type { SidechannelMessage } from '../wire.ts'

/** The Protomux channel it arrived on counts; what the message says must agree. */
export function namesChannel(message: SidechannelMessage, channel: string): boolean {
  return message.channel === channel
}
