import b4a from 'b4a'

/** RFC 6455, section 5.2. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** RFC 6455, section 7.4.1: those used here. */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupported: 1003,
  /** Stands for a close frame without a code, and is never sent. */
  none: 1005,
  /** Stands for a connection that went without a close frame, and is never sent. */
  abnormal: 1006,
  badData: 1007,
  policy: 1008,
  tooLarge: 1009,
  internal: 1011
} as const

/** What a control frame may carry (section 5.5). */
export const CONTROL_BYTES = 125

const FIN = 0x80
const EMPTY = new Uint8Array(0)

/** A whole message. It is never changed once made, so one may be sent to any number of clients. */
export function textFrame(text: string): Uint8Array {
  const length = b4a.byteLength(text)
  const frame = allocateFrame(OPCODE.text, length)
  b4a.write(frame, text, frame.byteLength - length)
  return frame
}

export function pingFrame(payload: Uint8Array = EMPTY): Uint8Array {
  return controlFrame(OPCODE.ping, payload)
}

export function pongFrame(payload: Uint8Array): Uint8Array {
  return controlFrame(OPCODE.pong, payload)
}

/** A reason that is too long is cut between two characters. */
export function closeFrame(code: number, reason = ''): Uint8Array {
  if (code === CLOSE.none) return controlFrame(OPCODE.close, EMPTY)
  const text = utf8Within(reason, CONTROL_BYTES - 2)
  const payload = b4a.allocUnsafe(2 + text.byteLength)
  payload[0] = code >> 8
  payload[1] = code & 0xff
  payload.set(text, 2)
  return controlFrame(OPCODE.close, payload)
}

function controlFrame(opcode: number, payload: Uint8Array): Uint8Array {
  if (payload.byteLength > CONTROL_BYTES)
    throw new Error(`a control frame carries at most ${CONTROL_BYTES} bytes`)
  const frame = allocateFrame(opcode, payload.byteLength)
  frame.set(payload, 2)
  return frame
}

/** Room for the payload at the end of it. */
function allocateFrame(opcode: number, length: number): Uint8Array {
  const header = length <= CONTROL_BYTES ? 2 : length <= 0xffff ? 4 : 10
  const frame = b4a.allocUnsafe(header + length)
  frame[0] = FIN | opcode
  if (header === 2) frame[1] = length
  else {
    frame[1] = header === 4 ? 126 : 127
    let rest = length
    for (let i = header - 1; i > 1; i--) {
      frame[i] = rest % 256
      rest = Math.floor(rest / 256)
    }
  }
  return frame
}

function utf8Within(text: string, most: number): Uint8Array {
  const bytes = b4a.from(text)
  if (bytes.byteLength <= most) return bytes
  let end = most
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.subarray(0, end)
}
