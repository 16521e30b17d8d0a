import b4a from 'b4a'

/** The text, or null when the bytes are not UTF-8. */
export function utf8Text(bytes: Uint8Array): string | null {
  const text = b4a.toString(bytes)
  // The decoder puts this character for what is not UTF-8; it can also have been sent.
  if (!text.includes('\ufffd')) return text
  return b4a.equals(b4a.from(text), bytes) ? text : null
}
