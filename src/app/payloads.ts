import { blake3 } from '@noble/hashes/blake3.js'
import b4a from 'b4a'
import { isHex32, toHex } from '../base/hex.ts'

/** Transactions and deployments as the paid network knows them (spec/subnet 5.1). */

const TX = 12
const DEPLOYMENT = 11
const MAX_NUMBER = 2 ** 32 - 1

export interface Dispatch {
  readonly type: string
  readonly value: unknown
}

/** Where a transaction takes place: the same for all of a subnet at one time. */
export interface TxContext {
  readonly networkId: number
  /** Stands for the indexers of the network, and changes with them. */
  readonly txv: string
  /** The writer key of the peer that sends it. */
  readonly iw: string
  readonly bs: string
  readonly mbs: string
}

export interface TxParts extends TxContext {
  readonly ch: string
  readonly nonce: string
}

export interface DeployParts {
  readonly networkId: number
  readonly txv: string
  readonly bs: string
  /** The channel buffer. */
  readonly ic: string
  readonly nonce: string
}

export interface TxPayload {
  readonly type: typeof TX
  readonly address: string
  readonly txo: {
    readonly tx: string
    readonly txv: string
    readonly iw: string
    readonly in: string
    readonly ch: string
    readonly is: string
    readonly bs: string
    readonly mbs: string
  }
}

export interface DeployPayload {
  readonly type: typeof DEPLOYMENT
  readonly address: string
  readonly bdo: {
    readonly tx: string
    readonly txv: string
    readonly bs: string
    readonly ic: string
    readonly in: string
    readonly is: string
  }
}

export function blake3Hex(bytes: Uint8Array): string {
  return toHex(blake3(bytes))
}

/** What a transaction says of its command. The order of keys is part of it. */
export function commandHash({ type, value }: Dispatch): string {
  return blake3Hex(b4a.from(JSON.stringify({ type, value })))
}

/** Of the dispatch as it stands in the log, with whatever else is in it. */
export function dispatchHash(dispatch: unknown): string {
  return blake3Hex(b4a.from(JSON.stringify(dispatch)))
}

export function txHash({ networkId, txv, iw, ch, bs, mbs, nonce }: TxParts): string {
  return blake3Hex(concat([networkId, txv, iw, ch, bs, mbs, nonce, TX]))
}

export function deployHash({ networkId, txv, bs, ic, nonce }: DeployParts): string {
  return blake3Hex(concat([networkId, txv, bs, ic, nonce, DEPLOYMENT]))
}

/** `signature` is over the 32 bytes of the hash. */
export function txPayload(address: string, parts: TxParts, signature: string): TxPayload {
  const { txv, iw, ch, bs, mbs, nonce } = parts
  return { type: TX, address, txo: { tx: txHash(parts), txv, iw, in: nonce, ch, is: signature, bs, mbs } }
}

export function deployPayload(address: string, parts: DeployParts, signature: string): DeployPayload {
  const { txv, bs, ic, nonce } = parts
  return { type: DEPLOYMENT, address, bdo: { tx: deployHash(parts), txv, bs, ic, in: nonce, is: signature } }
}

/** Numbers as four bytes, the largest first. Deployed peers leave out what is malformed; here it is an error. */
function concat(parts: readonly (number | string)[]): Uint8Array {
  return b4a.concat(parts.map((part) => (typeof part === 'number' ? number(part) : bytes(part))))
}

function number(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 1 || value > MAX_NUMBER)
    throw new RangeError('expected 1 to 2^32-1')
  return b4a.from([value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255])
}

function bytes(text: string): Uint8Array {
  if (!isHex32(text)) throw new RangeError('expected 32 bytes as hex')
  return b4a.from(text, 'hex')
}
