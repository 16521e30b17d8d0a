import b4a from 'b4a'
import fc from 'fast-check'

/** Bytes and texts that once were sound, with some of them changed, moved, doubled or cut. */
export function mutated(originals: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(), kind: fc.nat(4), byte: fc.nat(255), length: fc.nat(64) })
  return fc
    .tuple(fc.constantFrom(...originals), fc.array(change, { maxLength: 6 }))
    .map(([original, changes]) => {
      let bytes: Uint8Array = b4a.from(original)
      for (const { at, kind, byte, length } of changes) {
        if (bytes.byteLength === 0) break
        const from = at % bytes.byteLength
        const [before, part, after] = [
          bytes.subarray(0, from),
          bytes.subarray(from, from + length),
          bytes.subarray(from + length)
        ]
        if (kind === 0) bytes[from] = byte
        else if (kind === 1) bytes = b4a.concat([before, after])
        else if (kind === 2) bytes = b4a.concat([before, part, part, after])
        else if (kind === 3) bytes = b4a.concat([before, b4a.from([byte]), part, after])
        else bytes = b4a.concat([before, b4a.from('[{":,\\u'), part, after])
      }
      return bytes
    })
}
