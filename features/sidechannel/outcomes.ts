import type { Hex32 } from '../../src/base/hex.ts'
import type { SendRefusal } from '../../src/base/reasons.ts'
import type { Control } from './control.ts'
import type { CredentialFault } from './credentials.ts'
import type { ChannelName } from './names.ts'
import type { SidechannelMessage } from './wire.ts'

export interface Received {
  readonly channel: ChannelName
  readonly message: SidechannelMessage
  /** Who wrote it is proven. */
  readonly verified: boolean
}

/** Somebody wants a channel opened; nothing in it is verified. */
export interface Asked {
  readonly control: Extract<Control, { control: 'open_channel' }>
  readonly neighbour: Hex32
  readonly from: Hex32
  /** Who wrote it is proven. */
  readonly verified: boolean
}

export type Sent =
  | { readonly ok: true; readonly id: string; readonly neighbours: number; readonly queued: number }
  | { readonly ok: false; readonly reason: SendRefusal }

export type JoinRefusal = CredentialFault | 'too_many'
export type JoinOutcome =
  | { readonly ok: true; readonly already: boolean }
  | { readonly ok: false; readonly reason: JoinRefusal }

export type SendOutcome =
  | (Extract<Sent, { ok: true }> & { /** For this message. */ readonly joined: boolean })
  | { readonly ok: false; readonly reason: SendRefusal | JoinRefusal }
