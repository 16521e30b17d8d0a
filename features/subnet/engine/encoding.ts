import b4a from 'b4a'
import { jsonDepthWithin } from '../../../src/base/depth.ts'
import { MAX_LOG_DEPTH } from './rules.ts'

interface Cursor {
  start: number
  end: number
  buffer: Uint8Array
}

/**
 * JSON as Autobase's own `json` writes it, byte for byte. Reading is total: a writer that puts something else
 * into its log has written an operation that does nothing, instead of one that takes every peer down.
 */
export const operationEncoding = {
  preencode(state: Cursor, value: unknown): void {
    state.end += b4a.byteLength(JSON.stringify(value))
  },
  encode(state: Cursor, value: unknown): void {
    const bytes = b4a.from(JSON.stringify(value))
    state.buffer.set(bytes, state.start)
    state.start += bytes.byteLength
  },
  decode(state: Cursor): unknown {
    const bytes = state.buffer.subarray(state.start, state.end)
    state.start = state.end
    // Before any object is made of it: a block of brackets would become half a gigabyte of lists.
    if (!jsonDepthWithin(bytes, MAX_LOG_DEPTH)) return {}
    try {
      return JSON.parse(b4a.toString(bytes))
    } catch {
      // An operation that nobody knows; `null` would be an acknowledgement.
      return {}
    }
  }
}
