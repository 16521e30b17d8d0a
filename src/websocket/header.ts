import { CLOSE, CONTROL_BYTES, OPCODE } from './frames.ts'

/** What a client did against the protocol or the limits. */
export interface Fault {
  readonly kind: 'fail'
  readonly code: number
  readonly reason: string
}

export interface FrameHeader {
  readonly kind: 'header'
  readonly opcode: number
  readonly fin: boolean
  readonly length: number
  /** The four bytes of the mask as a little-endian word. */
  readonly key: number
}

export const MAX_HEADER_BYTES = 14

export function fault(code: number, reason: string): Fault {
  return { kind: 'fail', code, reason }
}

export function isControl(opcode: number): boolean {
  return opcode >= OPCODE.close
}

/** How long the header is of which this is the second byte. */
export function headerSize(second: number): number {
  const length = second & 0x7f
  return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0)
}

/** All that a header alone can be refused for: RFC 6455, sections 5.1, 5.2 and 5.5. */
export function readHeader(view: DataView, at: number): FrameHeader | Fault {
  const first = view.getUint8(at)
  const second = view.getUint8(at + 1)
  const opcode = first & 0x0f
  const fin = (first & 0x80) !== 0
  // They belong to extensions, and none was agreed on.
  if ((first & 0x70) !== 0) return fault(CLOSE.protocolError, 'reserved bits are set')
  if ((second & 0x80) === 0) return fault(CLOSE.protocolError, 'the frame is not masked')
  if (opcode === OPCODE.binary) return fault(CLOSE.unsupported, 'only text messages are taken')
  if (opcode > OPCODE.pong || (opcode > OPCODE.binary && opcode < OPCODE.close))
    return fault(CLOSE.protocolError, 'unknown opcode')
  let length = second & 0x7f
  if (isControl(opcode) && (!fin || length > CONTROL_BYTES))
    return fault(CLOSE.protocolError, 'a control frame is short and whole')
  let keyAt = at + 2
  if (length === 126) {
    length = view.getUint16(keyAt)
    keyAt += 2
    if (length < 126) return fault(CLOSE.protocolError, 'the length has a shorter form')
  } else if (length === 127) {
    const high = view.getUint32(keyAt)
    length = high * 2 ** 32 + view.getUint32(keyAt + 4)
    keyAt += 8
    if (high >= 2 ** 31) return fault(CLOSE.protocolError, 'the length is out of range')
    if (length <= 0xffff) return fault(CLOSE.protocolError, 'the length has a shorter form')
  }
  return { kind: 'header', opcode, fin, length, key: view.getInt32(keyAt, true) }
}
