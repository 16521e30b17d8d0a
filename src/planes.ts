import type { IntercomError } from './base/errors.ts'
import type { Hex32 } from './base/hex.ts'
import type { CommandOutput } from './commands/registry.ts'
import type { SubnetPlane } from './subnet-plane.ts'

/** What planes offer each other by way of the node; a feature never imports another. */
export interface Planes {
  sidechannel: SidechannelPlane | null
  subnet: SubnetPlane | null
}

/** An invite or welcome as it was given: an object, JSON, or base64 of JSON. */
export interface Grants {
  readonly invite?: unknown
  readonly welcome?: unknown
  readonly owner?: Hex32 | undefined
}

/** An invite or a welcome that the first run brought. */
export interface Handed {
  readonly kind: 'invites' | 'welcomes'
  /** Base64. */
  readonly text: string
}

/** What became of one: kept, or refused. */
export interface HandedOver extends Handed {
  readonly channel: string | null
  readonly fault: IntercomError | null
}

/** A message of another peer, accepted. */
export interface PlaneMessage {
  readonly channel: string
  readonly message: {
    readonly id: string
    readonly from: string
    readonly origin: string
    readonly sig?: string
    readonly relayedBy?: string
    readonly ttl: number
    readonly ts: number
    readonly message: unknown
  }
  /** Who wrote it is proven. */
  readonly verified: boolean
}

export interface JoinResult {
  readonly channel: string
  readonly already: boolean
  readonly owner: string | null
  readonly awaitingWelcome: boolean
}

export interface SendResult {
  readonly channel: string
  readonly id: string
  /** How many it went to, or is about to. */
  readonly neighbours: number
  /** How many of them get it a little later. */
  readonly queued: number
  /** The channel was joined for it. */
  readonly joined: boolean
}

export interface OpenResult {
  readonly channel: string
  readonly via: string
  readonly neighbours: number
}

export interface WelcomeResult {
  readonly channel: string
  readonly owner: string
  readonly welcome: object
  readonly welcome_b64: string
  /** The complete command line for another peer. */
  readonly joiner: string
  readonly join: string
}

export interface InviteResult {
  readonly channel: string
  readonly invite: object
  readonly invite_b64: string
  /** What is missing before it is of use. */
  readonly notes: readonly string[]
  readonly joiner: string
  readonly join: string
}

export interface PendingRequest {
  readonly channel: string
  readonly from: string
  readonly at: number
  /** It came without an invite, and the channel is for the invited. */
  readonly needsInvite: boolean
}

/** Which channels a neighbour takes part in, and how many of its messages were dropped. */
export interface PeerReport {
  readonly channels: readonly { readonly channel: string; readonly authorised: boolean }[]
  readonly drops: number
}

/** The answer of a command, with what it means for programs. */
export interface Answer<R> extends CommandOutput {
  readonly result: R
}

export interface SidechannelEvents {
  readonly message: (message: PlaneMessage) => void
  readonly request: (request: { readonly channel: string; readonly from: string }) => void
  readonly left: (channel: string) => void
}

/** The sidechannels as other planes see them. What is refused throws an IntercomError with the next step. */
export interface SidechannelPlane {
  readonly entryChannel: string
  /** All of them are announced. */
  readonly started: boolean
  /** The channels joined at the moment, the entry first. */
  names(): string[]
  has(channel: string): boolean
  join(args: Grants & { readonly channel: string }): Answer<JoinResult>
  leave(args: { readonly channel: string }): Answer<{ readonly channel: string }>
  send(args: Grants & { readonly channel: string; readonly message: unknown }): Promise<Answer<SendResult>>
  open(
    args: Grants & { readonly channel: string; readonly via?: string | undefined }
  ): Promise<Answer<OpenResult>>
  welcome(args: { readonly channel: string; readonly text: string }): Answer<WelcomeResult>
  invite(args: {
    readonly channel: string
    readonly pubkey: Hex32
    readonly ttl?: number | undefined
    readonly welcome?: unknown
  }): Answer<InviteResult>
  pending(): Answer<readonly PendingRequest[]>
  accept(args: Grants & { readonly channel: string }): Answer<JoinResult>
  peer(key: Hex32): PeerReport
  on<E extends keyof SidechannelEvents>(event: E, listener: SidechannelEvents[E]): void
  off<E extends keyof SidechannelEvents>(event: E, listener: SidechannelEvents[E]): void
}

/** What a request of the plane takes. */
export type PlaneArgs<R extends 'join' | 'leave' | 'send' | 'open' | 'welcome' | 'invite' | 'accept'> =
  Parameters<SidechannelPlane[R]>[0]
