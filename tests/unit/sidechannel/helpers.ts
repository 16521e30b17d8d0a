import b4a from 'b4a'
import sodium from 'sodium-universal'
import fs from '#fs'
import type { ChannelName } from '../../../features/sidechannel/names.ts'
import { channelName } from '../../../features/sidechannel/names.ts'
import type { ChannelPolicy } from '../../../features/sidechannel/policy/channel-policy.ts'
import { powPreimage } from '../../../features/sidechannel/pow.ts'
import type { SidechannelMessage } from '../../../features/sidechannel/wire.ts'
import { signMessage } from '../../../features/sidechannel/wire.ts'
import { createSigner, type Signer } from '../../../src/base/signature.ts'

/** From `dist/tests/unit/sidechannel/`. */
function fixture<T>(name: string): T {
  const file = new URL(`../../../../tests/fixtures/${name}`, import.meta.url)
  return JSON.parse(fs.readFileSync(decodeURIComponent(file.pathname), 'utf-8'))
}

export interface Vectors {
  keys: Record<'owner' | 'invitee' | 'stranger', { seed: string; publicKey: string }>
  topics: { name: string; topic: string; protocol: string }[]
  canonical: { value: unknown; canonical: string }[]
  welcome: { canonical: string; object: { payload: { channel: string }; sig: string }; b64: string }
  invite: { canonical: string; object: { payload: Record<string, unknown>; sig: string }; b64: string }
  inviteExpired: object
  inviteWrongSigner: object
  messages: {
    payload: SidechannelMessage
    powPreimage: string
    powHash: string
    sigPreimage: string
    wire: string
  }[]
  relayed: SidechannelMessage
}

export type Capture = { wireChannel: string; remote: string; payload: SidechannelMessage }

export function vectors(): Vectors {
  return fixture('sidechannel.vectors.json')
}

export interface Captures {
  welcome_pub1: unknown
  welcome_priv1: unknown
  invite_priv1: unknown
  signed_payload_with_pow: Capture
  signed_payload_unicode_object: Capture
  relayed_copy: Capture
  open_channel_pub1: Capture
  open_channel_priv1: Capture
  auth_control: Capture
  welcome_control: Capture
}

export function captures(): Captures {
  return fixture('deployed.captures.json')
}

/** The captures that are messages. */
export function capturedMessages(): [string, Capture][] {
  const all = Object.entries(captures()) as [string, Capture][]
  return all.filter(([, capture]) => capture.payload.type === 'sidechannel')
}

export function signerOf(seed: number): Signer {
  const keyPair = { publicKey: b4a.alloc(32), secretKey: b4a.alloc(64) }
  sodium.crypto_sign_seed_keypair(keyPair.publicKey, keyPair.secretKey, b4a.alloc(32, seed))
  return createSigner(keyPair)
}

export const owner = signerOf(1)
export const invitee = signerOf(2)
export const stranger = signerOf(3)

export function name(text: string): ChannelName {
  const valid = channelName(text)
  if (valid === null) throw new Error(`no channel name: ${text}`)
  return valid
}

/** A channel that asks for nothing. */
export function openPolicy(fields: Partial<ChannelPolicy> = {}): ChannelPolicy {
  return {
    channel: name('room'),
    inviteRequired: false,
    inviters: new Set(),
    welcomeRequired: false,
    owner: null,
    ownerWriteOnly: false,
    powBits: 0,
    ...fields
  }
}

export function signed(fields: Partial<SidechannelMessage> = {}, author: Signer = owner): SidechannelMessage {
  const draft = { channel: 'room', message: 'hello', ts: 1_750_000_000_000, ttl: 3, ...fields }
  return { ...signMessage(draft as Parameters<typeof signMessage>[0], author), ...fields }
}

/** A frame of any JSON text, well-formed message or not. */
export function frameOf(json: string): Uint8Array {
  const bytes = b4a.from(json)
  const { length } = bytes
  const prefix =
    length < 0xfd
      ? [length]
      : length <= 0xffff
        ? [0xfd, length & 0xff, length >> 8]
        : [0xfe, length & 0xff, (length >> 8) & 0xff, (length >> 16) & 0xff, length >>> 24]
  return b4a.concat([b4a.from(prefix), bytes])
}

export function preimageText(message: SidechannelMessage, nonce: number): string {
  const preimage = powPreimage(message)
  if (preimage === null) throw new Error('no preimage')
  return b4a.toString(preimage.prefix) + nonce + b4a.toString(preimage.suffix)
}

/** A slow second implementation of canonical JSON, to hold the fast one to. */
export function naiveCanonical(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${Array.from(value, naiveCanonical).join(',')}]`
  const keys = Object.keys(value).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const fields = value as Record<string, unknown>
  return `{${keys.map((key) => `${JSON.stringify(key)}:${naiveCanonical(fields[key])}`).join(',')}}`
}

/** `[[[…]]]` as text. */
export function nested(depth: number, open = '[', close = ']'): string {
  return open.repeat(depth) + close.repeat(depth)
}
