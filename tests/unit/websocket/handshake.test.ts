import b4a from 'b4a'
import test from 'brittle'
import {
  checkUpgrade,
  refusal,
  type UpgradeCheck,
  type UpgradeHeaders,
  upgradeResponse
} from '../../../src/websocket/handshake.ts'

const SOUND: UpgradeHeaders = {
  host: '127.0.0.1:1',
  upgrade: 'websocket',
  connection: 'Upgrade',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ=='
}

function check(headers: UpgradeHeaders, method = 'GET'): UpgradeCheck {
  return checkUpgrade(method, { ...SOUND, ...headers })
}

function statusOf(result: UpgradeCheck): number {
  return result.ok ? 101 : result.status
}

test('the key of RFC 6455, section 1.3', (t) => {
  t.alike(check({}), { ok: true, accept: 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' })
})

test('what is an upgrade, and what is not', (t) => {
  const rows: [headers: UpgradeHeaders, status: number][] = [
    [{ connection: 'keep-alive, Upgrade' }, 101],
    [{ connection: ['keep-alive', 'UPGRADE'] }, 101],
    [{ upgrade: 'WebSocket' }, 101],
    [
      {
        upgrade: ['websocket'],
        'sec-websocket-version': ['13'],
        'sec-websocket-key': [`${'a'.repeat(22)}==`]
      },
      101
    ],
    [{ 'sec-websocket-extensions': 'permessage-deflate', 'sec-websocket-protocol': 'chat' }, 101],
    [{ upgrade: undefined }, 400],
    [{ upgrade: 'h2c' }, 400],
    [{ upgrade: 'websockets' }, 400],
    [{ connection: undefined }, 400],
    [{ connection: 'close' }, 400],
    [{ connection: [] }, 400],
    [{ 'sec-websocket-version': undefined }, 400],
    [{ 'sec-websocket-version': ['13', '8'] }, 400],
    [{ 'sec-websocket-version': '8' }, 426],
    [{ 'sec-websocket-version': '13, 8' }, 426],
    [{ 'sec-websocket-version': '+13' }, 426],
    [{ 'sec-websocket-key': undefined }, 400],
    [{ 'sec-websocket-key': '' }, 400],
    [{ 'sec-websocket-key': ['dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ=='] }, 400],
    [{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==' }, 400],
    [{ 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ' }, 400],
    [{ 'sec-websocket-key': `${'a'.repeat(24)}` }, 400],
    [{ 'sec-websocket-key': `${'a'.repeat(23)}=` }, 400],
    [{ 'sec-websocket-key': `${'é'.repeat(22)}==` }, 400]
  ]
  for (const [headers, status] of rows) t.is(statusOf(check(headers)), status, JSON.stringify(headers))
  t.is(statusOf(check({}, 'POST')), 405)
  t.is(statusOf(checkUpgrade(undefined, {})), 405)
  t.is(statusOf(checkUpgrade('GET', {})), 400)
})

test('nothing is negotiated', (t) => {
  t.is(
    upgradeResponse('abc='),
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: abc=\r\n\r\n'
  )
})

test('refusals are whole responses', (t) => {
  for (const status of [400, 403, 405, 426, 503, 599]) {
    const text = refusal(status, 'Nein, grün.')
    const [head = '', body = ''] = text.split('\r\n\r\n')
    t.is(body, 'Nein, grün.\n')
    t.ok(head.startsWith(`HTTP/1.1 ${status} `), `${status}`)
    t.ok(head.includes(`\r\nContent-Length: ${b4a.byteLength(body)}`))
    t.ok(/\r\nConnection: (Upgrade, )?close\r\n/.test(head))
  }
  t.ok(refusal(405, '').includes('\r\nAllow: GET\r\n'))
  t.ok(refusal(426, '').includes('\r\nSec-WebSocket-Version: 13\r\n'))
})
