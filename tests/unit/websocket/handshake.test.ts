import b4a from 'b4a'
import test from 'brittle'
import { upgradeResponse } from '../../../src/websocket/handshake.ts'

test('the answer to the key of RFC 6455, section 1.3: nothing is negotiated', (t) => {
  const lines = b4a.toString(upgradeResponse('dGhlIHNhbXBsZSBub25jZQ==')).split('\r\n')
  t.alike(lines, [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
    '',
    ''
  ])
})
