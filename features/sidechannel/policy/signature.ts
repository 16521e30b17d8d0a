import { type SidechannelMessage, verifyMessage } from '../wire.ts'

/** `direct`: over the author's own connection, which Noise authenticated. `none`: anyone may have written it. */
export type Proof = 'direct' | 'signed' | 'none'

export function isDirect(message: SidechannelMessage, neighbour: string): boolean {
  return message.from === neighbour && message.relayedBy === undefined
}

/** Costs a signature check unless the message is direct (spec/sidechannel 2.1). */
export function proofOf(message: SidechannelMessage, neighbour: string): Proof {
  if (isDirect(message, neighbour)) return 'direct'
  return verifyMessage(message) ? 'signed' : 'none'
}
