import b4a from 'b4a'

/** 32 bytes as 64 lower-case hex characters: a public key, a subnet bootstrap, a writer key. */
export type Hex32 = string & { readonly __brand: 'Hex32' }

const HEX32 = /^[0-9a-f]{64}$/

export function isHex32(value: unknown): value is Hex32 {
  return typeof value === 'string' && HEX32.test(value)
}

export function toHex(bytes: Uint8Array): string {
  return b4a.toString(bytes, 'hex')
}

export function hex32(bytes: Uint8Array): Hex32 {
  const hex = toHex(bytes)
  if (!isHex32(hex)) throw new RangeError(`expected 32 bytes, got ${bytes.byteLength}`)
  return hex
}
