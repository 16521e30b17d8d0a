import b4a from 'b4a'
import { createHash } from '#crypto'

/** RFC 6455, section 1.3. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

/** To a request that is in order, by its Sec-WebSocket-Key. No extension and no subprotocol is ever taken. */
export function upgradeResponse(key: string): Uint8Array {
  const digest = createHash('sha1')
    .update(b4a.from(key + GUID))
    .digest()
  const accept = b4a.toString(digest, 'base64')
  const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
  return b4a.from(['HTTP/1.1 101 Switching Protocols', ...fields, '', ''].join('\r\n'))
}
