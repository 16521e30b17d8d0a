import b4a from 'b4a'

/** The name of a sidechannel: trimmed, 1-128 bytes, nothing invisible. Only `channelName` makes one. */
export type ChannelName = string & { readonly __brand: 'ChannelName' }

export const MAX_NAME_BYTES = 128

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/

/** Total, for whatever came over the wire: null when it cannot be a name. */
export function channelName(value: unknown): ChannelName | null {
  // Before trimming: what is far too long is not even looked at.
  if (typeof value !== 'string' || value.length > 4 * MAX_NAME_BYTES) return null
  const name = value.trim()
  if (name.length === 0 || CONTROL.test(name) || !name.isWellFormed()) return null
  return b4a.byteLength(name) <= MAX_NAME_BYTES ? (name as ChannelName) : null
}

/** Whether this is a name as it stands, with nothing to trim. */
export function isChannelName(value: unknown): value is ChannelName {
  return typeof value === 'string' && channelName(value) === value
}
