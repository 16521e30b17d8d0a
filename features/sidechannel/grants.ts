import b4a from 'b4a'
import { canonicalJson } from '../../src/base/canonical.ts'
import { type Hex32, isHex32 } from '../../src/base/hex.ts'
import { type Signer, verifySignature } from '../../src/base/signature.ts'
import { type ChannelName, isChannelName } from './names.ts'
import { randomText } from './wire.ts'

export interface WelcomePayload {
  readonly channel: ChannelName
  readonly ownerPubKey: Hex32
  readonly text: string
  readonly issuedAt: number
  readonly version: 1
}

/** The owner's word that this is their channel. */
export interface Welcome {
  readonly payload: WelcomePayload
  readonly sig: string
}

export interface InvitePayload {
  readonly channel: ChannelName
  readonly inviteePubKey: Hex32
  readonly inviterPubKey: Hex32
  readonly inviterAddress: string | null
  readonly issuedAt: number
  readonly expiresAt: number
  readonly nonce: string
  readonly version: 1
}

/** An inviter's word that one key may take part. */
export interface Invite {
  readonly payload: InvitePayload
  readonly sig: string
  /** As it came: to be verified by itself. */
  readonly welcome?: unknown
}

export function createWelcome(
  fields: { channel: ChannelName; text: string; issuedAt: number },
  owner: Signer
): Welcome {
  const { channel, text, issuedAt } = fields
  const payload = { channel, ownerPubKey: owner.publicKey, text, issuedAt, version: 1 } as const
  return { payload, sig: owner.sign(signedBytes(payload)) }
}

export interface InviteFields {
  readonly channel: ChannelName
  readonly inviteePubKey: Hex32
  /** The inviter's own `trac1…` address. */
  readonly inviterAddress: string | null
  readonly issuedAt: number
  readonly expiresAt: number
  readonly nonce?: string
  readonly welcome?: Welcome
}

export function createInvite(fields: InviteFields, inviter: Signer): Invite {
  const {
    channel,
    inviteePubKey,
    inviterAddress,
    issuedAt,
    expiresAt,
    nonce = randomText(),
    welcome
  } = fields
  const inviterPubKey = inviter.publicKey
  const who = { channel, inviteePubKey, inviterPubKey, inviterAddress }
  const payload = { ...who, issuedAt, expiresAt, nonce, version: 1 } as const
  return { payload, sig: inviter.sign(signedBytes(payload)), ...(welcome === undefined ? {} : { welcome }) }
}

/** Total: a well-formed welcome, nested or flat; its signature is not looked at. */
export function parseWelcome(value: unknown): Welcome | null {
  const token = parseToken(value)
  if (token === null) return null
  const { channel, ownerPubKey, text, issuedAt, version } = token.payload
  const sound = isChannelName(channel) && isHex32(ownerPubKey) && typeof text === 'string' && isTime(issuedAt)
  if (!sound || version !== 1) return null
  return { payload: token.payload as unknown as WelcomePayload, sig: token.sig }
}

/** Total: a well-formed invite, nested or flat; its signature is not looked at. */
export function parseInvite(value: unknown): Invite | null {
  const token = parseToken(value)
  if (token === null) return null
  const { channel, inviteePubKey, inviterPubKey, inviterAddress, issuedAt, expiresAt, nonce, version } =
    token.payload
  const keys = isHex32(inviteePubKey) && isHex32(inviterPubKey)
  const address = typeof inviterAddress === 'string' || inviterAddress === null
  const times = isTime(issuedAt) && isTime(expiresAt)
  if (!isChannelName(channel) || !keys || !address || !times) return null
  if (typeof nonce !== 'string' || version !== 1) return null
  const { welcome } = token
  const payload = token.payload as unknown as InvitePayload
  return { payload, sig: token.sig, ...(welcome === undefined || welcome === null ? {} : { welcome }) }
}

export type WelcomeFault = 'malformed' | 'channel' | 'owner' | 'signature'
export type WelcomeVerdict =
  | { readonly ok: true; readonly welcome: Welcome }
  | { readonly ok: false; readonly reason: WelcomeFault }

/** Whether this is a welcome to `channel` by its owner. `owner` null: none is known, so nothing verifies. */
export function verifyWelcome(value: unknown, channel: string, owner: Hex32 | null): WelcomeVerdict {
  const welcome = parseWelcome(value)
  if (welcome === null) return { ok: false, reason: 'malformed' }
  const { payload, sig } = welcome
  if (payload.channel !== channel) return { ok: false, reason: 'channel' }
  if (payload.ownerPubKey !== owner) return { ok: false, reason: 'owner' }
  if (!verifyToken(payload, sig, owner)) return { ok: false, reason: 'signature' }
  return { ok: true, welcome }
}

export type InviteFault = 'malformed' | 'channel' | 'invitee' | 'inviter' | 'expired' | 'signature'
export type InviteVerdict =
  | { readonly ok: true; readonly invite: Invite }
  | { readonly ok: false; readonly reason: InviteFault }

export interface InviteContext {
  readonly channel: string
  /** The key that presents it: the neighbour's transport key, or ours when we join. */
  readonly presenter: string
  /** Whose invites count. */
  readonly inviters: ReadonlySet<string>
  readonly now: number
}

/** Cheap checks first; the signature last (spec/sidechannel 1.7). */
export function verifyInvite(value: unknown, context: InviteContext): InviteVerdict {
  const invite = parseInvite(value)
  if (invite === null) return { ok: false, reason: 'malformed' }
  const { payload, sig } = invite
  if (payload.channel !== context.channel) return { ok: false, reason: 'channel' }
  if (payload.inviteePubKey !== context.presenter) return { ok: false, reason: 'invitee' }
  if (!context.inviters.has(payload.inviterPubKey)) return { ok: false, reason: 'inviter' }
  if (context.now >= payload.expiresAt) return { ok: false, reason: 'expired' }
  if (!verifyToken(payload, sig, payload.inviterPubKey)) return { ok: false, reason: 'signature' }
  return { ok: true, invite }
}

interface Token {
  /** As it came, fields we do not know included: the signature covers them. */
  readonly payload: Readonly<Record<string, unknown>>
  readonly sig: string
  readonly welcome?: unknown
}

function parseToken(value: unknown): Token | null {
  if (!isRecord(value)) return null
  const { payload, sig: short, signature, welcome, ...flat } = value
  const sig = short ?? signature
  if (typeof sig !== 'string' || (payload !== undefined && !isRecord(payload))) return null
  return { payload: payload ?? flat, sig, welcome }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The latest moment that a Date can hold. */
const MAX_TIME = 8.64e15

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= MAX_TIME
}

function signedBytes(payload: object): Uint8Array {
  const text = canonicalJson(payload)
  if (text === null) throw new RangeError('a grant has only plain fields')
  return b4a.from(text)
}

function verifyToken(payload: object, sig: string, key: Hex32): boolean {
  const text = canonicalJson(payload)
  return text !== null && verifySignature(sig, b4a.from(text), key)
}
